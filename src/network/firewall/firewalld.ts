import { execFile } from 'node:child_process'
import { errnoOf, failure } from '../../diagnostics/index.ts'
import type { Guard } from './firewall-state.ts'
import { covers, type FirewalldSight, inZone, OUR_LINKS, TRUSTED, zoneOf } from './firewalld-table.ts'
import type { ForeignAccess } from './foreign-rules.ts'

/** How firewalld's own program ended. */
export interface ToolEnd {
  readonly code: number
  /** What it said where it failed. */
  readonly said: string
}

/** What is to be bound to firewalld's zone, and what is to be let go of. */
export interface ZoneChange {
  readonly bind: readonly string[]
  readonly release: readonly string[]
  /** What our own table keeps our networks from while they are in that zone; undefined where they are not. */
  readonly guard: Guard | undefined
}

/** Runs `firewall-cmd`. */
export type FirewalldTool = (args: readonly string[]) => Promise<ToolEnd>

/**
 * Firewalld's table takes changes from firewalld alone, from its release 2.1 on, so that our networks are bound to its zone `trusted` instead, at
 * run time, as Docker's are to one of its own: by one name for all, since firewalld makes rules for every pair of names. A reload lets go of them.
 * That zone opens the host, too; what comes in our own table holds to published ports and to those that firewalld opens to everybody.
 */
export class Firewalld {
  readonly #tool: FirewalldTool
  /** What we have bound, or found bound for this run of firewalld alone. */
  readonly #ours = new Set<string>()
  /** What is bound for good: somebody else wants it so. */
  readonly #others = new Set<string>()

  constructor(tool: FirewalldTool = firewallCmd) {
    this.#tool = tool
  }

  /** What has to change, for our links; `isShared`: others have links of our kind of name. */
  async changeTo(
    sight: FirewalldSight,
    wanted: ForeignAccess,
    isShared: () => Promise<boolean>,
  ): Promise<ZoneChange> {
    await this.#learn(sight)
    const names = wanted === 'none' ? [] : [OUR_LINKS, ...wanted.named]
    const bind =
      sight.isClosed.forward || sight.isClosed.input
        ? names.filter(name => zoneOf(sight, name) === undefined)
        : []
    const left = [...this.#ours].filter(name => sight.bound.has(name) && !names.includes(name))
    const release =
      left.includes(OUR_LINKS) && (await isShared()) ? left.filter(each => each !== OUR_LINKS) : left
    const guarded = names.filter(name => bind.includes(name) || this.#isOurs(sight, name))
    const guard = guarded.length === 0 || !sight.isClosed.input ? undefined : guarded
    return { bind, release, guard: guard && { links: guard, opened: sight.opened } }
  }

  /** Does it. FIREWALL_CLOSED where firewalld refuses, or cannot be asked. */
  async change({ bind, release }: Pick<ZoneChange, 'bind' | 'release'>): Promise<void> {
    for (const name of bind) this.#ours.add(name)
    await this.#ask('--add-interface', bind)
    await this.#ask('--remove-interface', release)
    for (const name of release) this.#ours.delete(name)
  }

  #isOurs(sight: FirewalldSight, name: string): boolean {
    return [...this.#ours].some(each => sight.bound.has(each) && covers(each, name))
  }

  /** Whose it is that the table already has: an engine's that ended, or one that somebody has written down. */
  async #learn({ bound }: FirewalldSight): Promise<void> {
    for (const name of this.#others) if (!bound.has(name)) this.#others.delete(name)
    if (bound.get(OUR_LINKS) !== TRUSTED || this.#ours.has(OUR_LINKS) || this.#others.has(OUR_LINKS)) return
    const isWritten =
      (await this.#tool(['--permanent', ...inZone('--query-interface', [OUR_LINKS])])).code === 0
    const whose = isWritten ? this.#others : this.#ours
    whose.add(OUR_LINKS)
  }

  async #ask(option: '--add-interface' | '--remove-interface', names: readonly string[]): Promise<void> {
    if (names.length === 0) return
    const { code, said } = await this.#tool(inZone(option, names))
    if (code !== 0)
      throw failure({
        code: 'FIREWALL_CLOSED',
        kind: 'unavailable',
        summary: `firewall-cmd: ${said || `ended with ${code}`}`,
      })
  }
}

/** Where the programs are that root runs; whoever has started the engine may have had another PATH. */
const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
/** Longest that it is waited for, in milliseconds: a reload of firewalld holds it up. */
const TOOL_LIMIT = 20_000

function firewallCmd(args: readonly string[]): Promise<ToolEnd> {
  const { PATH = '', DBUS_SYSTEM_BUS_ADDRESS } = process.env
  const env = { PATH: `${PATH}:${SYSTEM_PATH}`, LC_ALL: 'C', DBUS_SYSTEM_BUS_ADDRESS }
  return new Promise(resolve => {
    const options = { env, timeout: TOOL_LIMIT }
    const child = execFile('firewall-cmd', args, options, (error, _, stderr) => {
      if (error === null) resolve({ code: 0, said: '' })
      else if (errnoOf(error) === 'ENOENT') resolve({ code: 127, said: 'not installed' })
      else resolve({ code: child.exitCode ?? 255, said: stderr.trim() })
    })
  })
}
