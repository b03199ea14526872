import { type Diagnostic, type Failure, failure, messageOf } from '../../diagnostics/index.ts'
import { readIfThere } from '../../linux/atomic-file.ts'
import { type Native, nativeErrorOf, type RulesConnection, type TablePlace } from '../../native/index.ts'
import { dumpChains, parseChains } from '../netlink/index.ts'
import type { PublishedTarget } from '../ports/published.ts'
import { heldByLegacy } from '../shortcut/held-output.ts'
import type { Families } from '../shortcut/programs.ts'
import type { Shortcut } from '../shortcut/shortcut.ts'
import type { FirewallState, Guard } from './firewall-state.ts'
import { Firewalld, type FirewalldTool } from './firewalld.ts'
import type { FirewalldSight } from './firewalld-table.ts'
import { type ForeignChange, foreignBatch, foreignNeeds } from './foreign-changes.ts'
import { type ForeignAccess, foreignAccess } from './foreign-rules.ts'
import { isEngineTable, tableName, tableOf } from './ruleset.ts'
import { flowsOfNobody, haveChangedUdp, staleFlows } from './stale-flows.ts'
import type { Table } from './table.ts'
import { changeTable, dropTable, replaceTable } from './table-change.ts'

export interface FirewallOptions {
  /** Empty for the default root, else 6 hex digits. */
  readonly engineId: string
  /** The engine's ROOT. */
  readonly owner?: string
  /** Read when a run begins, so that one run takes all changes made before it. */
  readonly state: () => FirewallState
  /** Addresses that containers have now, and gateways: flows from these stay. Read when flows are looked at; none where not set. */
  readonly held?: () => readonly string[]
  /** Told which families of connections may be led past the relay; where not set, none are. */
  readonly shortcut?: Pick<Shortcut, 'lead'>
  /** The way to the kernel. */
  readonly native: Pick<Native, 'openRules'>
  /** Called with each table before the kernel gets it: for tests. */
  readonly onTable?: (table: Table | undefined) => void
  /** Instead of the machine's `firewall-cmd`: for tests. */
  readonly firewalldTool?: FirewalldTool
  /** Instead of the names of this network namespace's links: for tests. */
  readonly links?: () => Promise<readonly string[]>
  /** Told where another's firewall stays closed to our networks, and of repairs that failed. */
  readonly warn?: (warning: Diagnostic) => void
}

/**
 * Keeps the kernel's table equal to the state, by transactions of what has changed; many changes while one is made become
 * one next one. Where the kernel refuses a change, as somebody else has changed the table, the whole table is made anew.
 */
export class Firewall {
  readonly #name: string
  readonly #options: FirewallOptions
  #connection: RulesConnection | undefined
  /** What the kernel has, as far as we know; undefined: no table. */
  #loaded: Table | 'unknown' | undefined = 'unknown'
  /** What the kernel's table was made of; undefined: it was not made yet, and what flows there are is not known without it. */
  #state: FirewallState | undefined
  /** The ports that flows may have come by. */
  #published: readonly PublishedTarget[] | 'unknown' = 'unknown'
  /** Addresses that containers have given up, whose flows were not looked at since. */
  #left = new Set<string>()
  /** Whether there may be flows of other addresses that nobody has: an engine that has just started was not told of all. */
  #mayHaveMissed = true
  /** Until flows are looked at. */
  #sweep: NodeJS.Timeout | undefined
  /** Whether it was told that flows stay. */
  #keepsFlows = false
  /** What foreign chains let through of ours, and whether that is to know of ports; undefined: look at all of them. */
  #access: { readonly wanted: ForeignAccess; readonly asksForPorts: boolean } | undefined
  /** Of which families others have a say in what the host's processes send, when that was last looked at. */
  #heldOutput: Families = { ipv4: true, ipv6: true }
  readonly #firewalld: Firewalld
  /** What our table holds networks to since firewalld has to trust them. */
  #guard: Guard | undefined
  /** Foreign tables that could not be changed, so that each is told of once. */
  readonly #closed = new Set<string>()
  /** Until what others have changed is looked at: they change much in a row. */
  #soon: NodeJS.Timeout | undefined
  /** Whether the next run takes nothing for known. */
  #isDoubted = false
  #running: Promise<void> = Promise.resolve()
  #next: Promise<void> | undefined

  /** Of work that nobody waits for. */
  readonly #warnLater = (error: unknown): void =>
    this.#options.warn?.({ severity: 'warning', code: 'REPAIR', summary: messageOf(error) })

  constructor(options: FirewallOptions) {
    this.#options = options
    this.#name = tableName(options.engineId)
    this.#firewalld = new Firewalld(options.firewalldTool)
  }

  /** Resolves when the state of this moment is in the kernel. The first time nothing is taken for known: an engine that was killed may have left anything. */
  apply(): Promise<void> {
    this.#next ??= this.#afterRunning()
    return this.#next
  }

  /**
   * Ends, a moment later or `now`, the flows of addresses that containers have given up, but for those that somebody has by then. Theirs were translated on
   * their way out, and what still comes for them would go to who has the address next.
   */
  async endFlowsOf(addresses: readonly string[], when: 'soon' | 'now' = 'soon'): Promise<void> {
    for (const address of addresses) this.#left.add(address)
    if (this.#state === undefined) return
    if (when === 'now') await this.#sweepFlows()
    else this.#sweepSoon()
  }

  /** Whether the kernel has our table, as others may flush all tables. */
  async observe(): Promise<'present' | 'missing'> {
    const chains = parseChains(await (await this.#kernel()).list(dumpChains()))
    return chains.some(({ table }) => table === this.#name) ? 'present' : 'missing'
  }

  /** Lets go of the connection to the kernel; the rules stay. */
  close(): void {
    clearTimeout(this.#soon)
    clearTimeout(this.#sweep)
    this.#connection?.close()
    this.#connection = undefined
  }

  /** A run begins when the one before has ended, well or not: its failure belongs to those who waited for it. */
  async #afterRunning(): Promise<void> {
    await this.#running.catch(() => undefined)
    const run = this.#load()
    this.#running = run
    this.#next = undefined
    await run
  }

  async #load(): Promise<void> {
    if (this.#isDoubted) {
      this.#isDoubted = false
      this.#loaded = 'unknown'
      this.#access = undefined
    }
    const state = this.#options.state()
    const before = this.#state
    await this.#write(this.#tableOf(state))
    await this.#endFlows(state)
    await this.#adjustForeign(state, before)
    await this.#lead(state)
  }

  #tableOf(state: FirewallState): Table | undefined {
    const guarded = this.#guard === undefined ? state : { ...state, guard: this.#guard }
    return tableOf(this.#options.engineId, guarded, this.#options.owner)
  }

  async #write(wanted: Table | undefined): Promise<void> {
    const before = this.#loaded
    try {
      this.#options.onTable?.(wanted)
      const change = this.#changeTo(wanted)
      if (change !== undefined) await this.#send(change)
    } catch (error) {
      this.#loaded = 'unknown'
      if (before === undefined || before === 'unknown' || wanted === undefined) throw refused(error)
      await this.#write(wanted)
      return
    }
    this.#loaded = wanted
  }

  /**
   * Behind the change of the table: the next packet of a flow that was ended makes it anew. To look at all flows takes the kernel some ten
   * milliseconds, so only who may go on sending without an answer is not left for later, when it is done for many changes at once.
   */
  async #endFlows(state: FirewallState): Promise<void> {
    this.#state = state
    if (haveChangedUdp(this.#published, state)) await this.#sweepFlows()
    else this.#sweepSoon()
  }

  #sweepSoon(): void {
    this.#sweep ??= setTimeout(() => {
      this.#sweepFlows().catch(this.#warnLater)
    }, SWEEP_ALL).unref()
  }

  async #sweepFlows(): Promise<void> {
    clearTimeout(this.#sweep)
    this.#sweep = undefined
    if (this.#state === undefined) return
    const held = this.#options.held?.() ?? []
    // Each by itself: what stays of the one is no reason for the other.
    const ofNobody = flowsOfNobody(this.#mayHaveMissed ? 'unknown' : this.#left, held, this.#state)
    const stale = [staleFlows(this.#published, this.#state), ofNobody].filter(({ length }) => length > 0)
    const gone = flowsOfNobody(this.#left, held, this.#state).flatMap(({ target }) => target?.bytes ?? [])
    const { published, draining = [] } = this.#state
    this.#published = draining.length === 0 ? published : [...published, ...draining]
    this.#left = new Set()
    this.#mayHaveMissed = false
    try {
      // No answer comes from there: the host's own clients that were led there would wait for one.
      if (gone.length > 0) await (await this.#kernel()).endPeers(gone)
      for (const matches of stale) await (await this.#kernel()).dropFlows(matches)
    } catch (error) {
      this.#published = 'unknown'
      this.#mayHaveMissed = true
      if (nativeErrorOf(error) === undefined) throw error
      if (!this.#keepsFlows) this.#options.warn?.(flowsStay(error))
      this.#keepsFlows = true
    }
  }

  #changeTo(wanted: Table | undefined): Buffer | undefined {
    const before = this.#loaded
    if (wanted === undefined) return before === undefined ? undefined : dropTable(this.#name)
    if (before === undefined || before === 'unknown') return replaceTable(wanted)
    const change = changeTable(before, wanted)
    return change === 'replace' ? replaceTable(wanted) : change
  }

  async #send(batch: Buffer): Promise<void> {
    await (await this.#kernel()).change(batch)
  }

  async #kernel(): Promise<RulesConnection> {
    if (this.#connection?.isOpen !== true)
      this.#connection = await this.#options.native.openRules(changed => this.#heard(changed))
    return this.#connection
  }

  /**
   * Somebody else has changed tables, or has ended our connection. Where ours is among them it is made anew; foreign chains are looked at, for
   * they may drop now, or have lost our rules.
   */
  #heard(changed: readonly TablePlace[]): void {
    if (changed.some(each => each === 'unknown' || each.table === this.#name)) this.#isDoubted = true
    else if (changed.every(each => each === 'unknown' || isEngineTable(each.table))) return
    this.#access = undefined
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined
      this.apply().catch(this.#warnLater)
    }, HEAR_ALL).unref()
  }

  /** Makes sure of foreign tables. One that refuses is told of; our containers run, and are not heard of through it. */
  async #adjustForeign(state: FirewallState, before: FirewallState | undefined): Promise<void> {
    const wanted = foreignAccess(state)
    if (this.#access !== undefined && isOpened(this.#access, wanted)) return
    const connection = await this.#kernel()
    // What is heard of from here on makes it unknown again.
    this.#access = { wanted, asksForPorts: false }
    try {
      const needs = await foreignNeeds(connection, this.#options.engineId, wanted)
      const { changes, asksForPorts } = needs
      this.#heldOutput = needs.heldOutput
      if (this.#access !== undefined) this.#access = { wanted, asksForPorts }
      for (const change of changes) await this.#changeForeign(connection, change)
      await this.#adjustFirewalld(needs.firewalld, wanted, [state, before])
    } catch (error) {
      this.#access = undefined
      throw error
    }
  }

  /** Our own table holds our networks to less before firewalld trusts them. */
  async #adjustFirewalld(
    sight: FirewalldSight | undefined,
    wanted: ForeignAccess,
    states: readonly (FirewallState | undefined)[],
  ): Promise<void> {
    const isShared = async (): Promise<boolean> => {
      const own = new Set(states.flatMap(each => each?.networks ?? []).map(({ link }) => link))
      return (await (this.#options.links ?? linksHere)()).some(
        name => /^tsc-[0-9a-f]{11}$/.test(name) && !own.has(name),
      )
    }
    const change = sight && (await this.#firewalld.changeTo(sight, wanted, isShared))
    if (JSON.stringify(change?.guard) !== JSON.stringify(this.#guard)) {
      this.#guard = change?.guard
      const [state] = states
      if (state !== undefined) await this.#write(this.#tableOf(state))
    }
    if (change === undefined) return
    try {
      await this.#firewalld.change(change)
      this.#closed.delete(FIREWALLD)
    } catch (error) {
      // The next run asks again.
      this.#access = undefined
      if (!this.#closed.has(FIREWALLD)) this.#options.warn?.(staysClosed(FIREWALLD, error))
      this.#closed.add(FIREWALLD)
    }
  }

  /** Addresses of IPv6 lead to those of IPv4 too, so they are led nowhere where these are not. */
  async #lead({ published }: FirewallState): Promise<void> {
    const { shortcut } = this.#options
    if (shortcut === undefined) return
    const legacy = await heldByLegacy()
    const ipv4 = published.some(isLed) && !this.#heldOutput.ipv4 && !legacy.ipv4
    const ipv6 = ipv4 && !this.#heldOutput.ipv6 && !legacy.ipv6
    await shortcut.lead(await this.#kernel(), { ipv4, ipv6 })
  }

  async #changeForeign(connection: RulesConnection, change: ForeignChange): Promise<void> {
    try {
      await connection.change(foreignBatch(change))
      this.#closed.delete(change.table)
    } catch (error) {
      const errno = nativeErrorOf(error)?.errno
      if (errno === undefined) throw error
      if (errno === 'ENOENT') {
        // It has gone, or what was looked at in it: the next run looks again.
        this.#access = undefined
        return
      }
      if (!this.#closed.has(change.table)) this.#options.warn?.(staysClosed(change.table, error))
      this.#closed.add(change.table)
    }
  }
}

/** Whether a port has clients that may be led past the relay. */
function isLed({ protocol, proxied }: PublishedTarget): boolean {
  return protocol === 'tcp' && proxied !== true
}

/** The links of the network namespace that we are in. */
async function linksHere(): Promise<string[]> {
  const text = (await readIfThere('/proc/net/dev')) ?? ''
  return [...text.matchAll(/^ *([^:\s]+):/gm)].map(([, name = '']) => name)
}

/** Whether foreign chains let through what is wanted. */
function isOpened(
  { wanted: before, asksForPorts }: { readonly wanted: ForeignAccess; readonly asksForPorts: boolean },
  wanted: ForeignAccess,
): boolean {
  const words = (access: ForeignAccess): string =>
    JSON.stringify(access === 'none' || asksForPorts ? access : access.named)
  return words(before) === words(wanted)
}

/** Milliseconds in which changes of others are gathered. */
const HEAR_ALL = 50
/** Milliseconds in which changes are gathered before the flows of connections are looked at. */
const SWEEP_ALL = 100

/** Firewalld's table, in the words of nft(8). */
const FIREWALLD = 'inet firewalld'

/** Of a table that takes changes from its own program alone, where that cannot be asked. */
function staysClosed(table: string, error: unknown): Diagnostic {
  return {
    severity: 'warning',
    code: 'FIREWALL_CLOSED',
    summary: `the table "${table}" of another firewall drops what containers send and get, or what they ask at the host's published ports, and takes no rule of ours: ${messageOf(error)}`,
    hint: 'let the interfaces tsc-* forward there; firewalld: firewall-cmd --permanent --zone=trusted --add-interface=tsc-+',
  }
}

function flowsStay(error: unknown): Diagnostic {
  return {
    severity: 'warning',
    code: 'FLOWS_STAY',
    summary: `who goes on sending to a port that was published before reaches what it led to then: ${messageOf(error)}`,
    hint: 'load the kernel module nf_conntrack_netlink',
  }
}

/** Why the kernel has not taken the rules. */
function refused(error: unknown): Failure {
  const known = nativeErrorOf(error)
  return failure({
    code: 'FIREWALL_FAILED',
    kind: 'internal',
    summary: 'the kernel refused the firewall rules',
    detail: known === undefined ? messageOf(error) : `${known.errno} ${known.detail}`.trim(),
    hint: 'Networks and published ports need nf_tables with NAT in the kernel (modules nft_chain_nat, nft_masq, nft_fib_inet)',
    cause: error,
  })
}
