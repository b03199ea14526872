import { join } from 'node:path'
import { parseMountinfo } from '../linux/mountinfo.ts'
import { inZone, isFirewalld, OUR_LINKS, TRUSTED, zonesIn } from '../network/firewall/firewalld-table.ts'
import { findGroups, type Group, isNobodys, processesOf } from './engine-groups.ts'
import type { Machine } from './machine.ts'
import { type KernelTable, placeOfRule } from './tables.ts'

/** What of the kernel's or of RUN's is nobody's any more, by kind. */
export type LeftoverKind = 'mount' | 'link' | 'bridge' | 'table' | 'rules' | 'zone' | 'group' | 'folder'

/** Something that an engine has left whose ROOT is gone. */
export interface Leftover {
  readonly kind: LeftoverKind
  /** A path, or a name in the kernel; of rules their place (`placeOfRule`), of a zone of firewalld's what is bound to it. */
  readonly name: string
  /** Why it is nobody's. */
  readonly cause: string
  /** Processes that still use it: it is left alone. */
  readonly pids: readonly number[]
  /** Something in it changed a moment ago, so that somebody may be about to use it: it is left alone. */
  readonly hasChanged?: true
}

const LINKS = '/sys/class/net'
/** What the bridge driver has links say. */
const ALIAS = /^tscompose network=\S+ engine=([0-9a-f]*) root=(.+)$/
/** The table of an engine, which its rules in tables of others have for a comment. */
const TABLE = /^tscompose(?:_([0-9a-f]{6}))?$/
/** The chain of a network in that table, which begins its bridge's name, too (src/network/firewall/network-parts.ts). */
const NETWORK_CHAIN = /^to_([0-9a-f]{11})/

/** What looking for leftovers takes of a machine. */
export type Searched = Pick<
  Machine,
  'root' | 'run' | 'read' | 'list' | 'changed' | 'now' | 'holder' | 'listens' | 'tables' | 'output'
>

/**
 * What engines have left whose ROOT is gone, removed by hand say. A table of nft tells its ROOT, and so does a bridge; groups are nobody's where no
 * process is in any that has their engine's name and none was made a moment ago, and so are rules in other firewalls whose engine has no table either. What may be somebody's counts as his: a ROOT that is there, a table that
 * tells none.
 */
export async function findLeftovers(machine: Searched): Promise<readonly Leftover[]> {
  const groups = await findGroups(machine)
  const tables = (await machine.tables()) ?? []
  const ofTables = await findTables(machine, tables, groups)
  const found = [
    ...(await findMounts(machine)),
    ...(await findBridges(machine, groups)),
    ...ofTables,
    ...findRules(tables, ofTables, groups),
    ...(await findZone(machine, tables, ofTables)),
    ...groups
      .filter(({ engineId }) => processesOf(groups, engineId).length === 0)
      .map(({ path, engineId }) => groupOf(path, isNobodys(groups, engineId))),
    ...(await findFolder(machine)),
  ]
  const once = new Map(found.map(each => [`${each.kind} ${each.name}`, each]))
  return KINDS.flatMap(kind => [...once.values()].filter(each => each.kind === kind))
}

function groupOf(path: string, isFree: boolean): Leftover {
  const found = { kind: 'group', name: path, cause: 'no process is in it', pids: [] } as const
  return isFree ? found : { ...found, hasChanged: true }
}

/** The order in which they have to go. */
const KINDS: readonly LeftoverKind[] = [
  'mount',
  'link',
  'bridge',
  'table',
  'rules',
  'zone',
  'group',
  'folder',
]

/** Tables of ROOTs that are gone, with the bridges in them and what is connected to those. */
async function findTables(
  machine: Searched,
  tables: readonly KernelTable[],
  groups: readonly Group[],
): Promise<Leftover[]> {
  const found: Leftover[] = []
  for (const { family, name, comment: root, chains } of tables) {
    const [isEngines, engineId = ''] = TABLE.exec(name) ?? []
    if (isEngines === undefined || family !== 'inet') continue
    if (root === undefined || (await isRoot(machine, root))) continue
    const nobodys = { cause: `its ROOT ${root} is gone`, pids: processesOf(groups, engineId) }
    for (const chain of chains) {
      const [, id] = NETWORK_CHAIN.exec(chain.name) ?? []
      if (id !== undefined) found.push(...(await findLinks(machine, `tsc-${id}`, nobodys)))
    }
    found.push({ kind: 'table', name, ...nobodys })
  }
  return found
}

/**
 * Rules in tables of others. An engine makes its table before them, and they go before it does, so that those without one are of an engine that was killed
 * and whose table somebody else has removed.
 */
function findRules(
  tables: readonly KernelTable[],
  leftTables: readonly Leftover[],
  groups: readonly Group[],
): Leftover[] {
  const found: Leftover[] = []
  for (const table of tables)
    for (const rule of TABLE.test(table.name) ? [] : table.rules) {
      const [comment, engineId = ''] = TABLE.exec(rule.comment ?? '') ?? []
      if (comment === undefined) continue
      const name = placeOfRule(table, rule)
      const left = leftTables.find(each => each.kind === 'table' && each.name === comment)
      if (left !== undefined) found.push({ ...left, kind: 'rules', name })
      else if (isNobodys(groups, engineId) && !tables.some(each => each.name === comment))
        found.push({ kind: 'rules', name, cause: 'its engine has no table, and no process', pids: [] })
    }
  return found
}

/** Our links in firewalld's zone while there are none, and no engine has a table; not where somebody has written them down there. */
async function findZone(
  machine: Searched,
  tables: readonly KernelTable[],
  leftTables: readonly Leftover[],
): Promise<Leftover[]> {
  const firewalld = tables.find(each => isFirewalld({ ...each, table: each.name }))
  if (firewalld === undefined || zonesIn(firewalld.rules).bound.get(OUR_LINKS) !== TRUSTED) return []
  const left = leftTables.filter(({ kind }) => kind === 'table').map(({ name }) => name)
  if (tables.some(({ name }) => TABLE.test(name) && !left.includes(name))) return []
  const asked = await machine.output('firewall-cmd', [
    '--permanent',
    ...inZone('--query-interface', [OUR_LINKS]),
  ])
  if (asked === undefined || asked.code === 0) return []
  const pids = [...new Set(leftTables.flatMap(each => each.pids))]
  return [{ kind: 'zone', name: OUR_LINKS, cause: 'no engine has a table', pids }]
}

/** Bridges whose alias tells a ROOT that is gone, of a table that is gone as well: `nft flush ruleset` takes all tables. */
async function findBridges(machine: Searched, groups: readonly Group[]): Promise<Leftover[]> {
  const found: Leftover[] = []
  for (const bridge of await machine.list(LINKS)) {
    const alias = (await machine.read(join(LINKS, bridge, 'ifalias')))?.trim() ?? ''
    const [, engineId, root] = ALIAS.exec(alias) ?? []
    if (engineId === undefined || root === undefined || (await isRoot(machine, root))) continue
    const nobodys = { cause: `its ROOT ${root} is gone`, pids: processesOf(groups, engineId) }
    found.push(...(await findLinks(machine, bridge, nobodys)))
  }
  return found
}

async function findLinks(
  machine: Searched,
  bridge: string,
  nobodys: Pick<Leftover, 'cause' | 'pids'>,
): Promise<Leftover[]> {
  if (!(await machine.list(LINKS)).includes(bridge)) return []
  const ports = await machine.list(join(LINKS, bridge, 'brif'))
  const ours = ports.filter(port => /^tv[0-9a-f]{11}$/.test(port))
  return [
    ...ours.map((name): Leftover => ({ kind: 'link', name, ...nobodys })),
    { kind: 'bridge', name: bridge, ...nobodys },
  ]
}

/** Whether a folder has an engine's records or images. */
async function isRoot(machine: Searched, root: string): Promise<boolean> {
  const names = await machine.list(root)
  return ['containers', 'images', 'networks'].some(name => names.includes(name))
}

/** What is mounted in a ROOT that is gone, file systems of volumes say: they keep the rest of it from being removed. */
async function findMounts(machine: Searched): Promise<Leftover[]> {
  const { root } = machine
  if (await isRoot(machine, root)) return []
  return parseMountinfo((await machine.read('/proc/self/mountinfo')) ?? '')
    .filter(({ mountpoint }) => mountpoint.startsWith(`${root}/`))
    .map(
      ({ mountpoint }): Leftover => ({
        kind: 'mount',
        name: mountpoint,
        cause: `its ROOT ${root} is gone`,
        pids: [],
      }),
    )
    .reverse()
}

/** What an engine keeps in RUN. */
export const RUN_NAMES: readonly string[] = [
  ...['builds', 'commands', 'containers', 'networks', 'proc', 'projects'],
  ...[
    'engine.sock',
    'engine.lock',
    'engine.build',
    'engine.build.told',
    'engine.log',
    'serve.lock',
    'front.sock',
  ],
  'command.sock',
]

/** Whether an engine or a monitor is at a socket of RUN. Those that listen are asked: the kernel's list has the names by which they were bound. */
async function isListenedAt(machine: Searched): Promise<boolean> {
  const { run } = machine
  const monitors = (await machine.list(join(run, 'containers'))).map(id => `containers/${id}/monitor.sock`)
  for (const socket of ['engine.sock', ...monitors]) if (await machine.listens(join(run, socket))) return true
  return false
}

/** RUN without a ROOT. Monitors that still listen there keep it, too. */
async function findFolder(machine: Searched): Promise<Leftover[]> {
  const { root, run } = machine
  const there = (await machine.list(run)).filter(name => RUN_NAMES.includes(name))
  if (there.length === 0 || (await isRoot(machine, root))) return []
  const pids = ['engine.lock', 'serve.lock'].flatMap(lock => machine.holder(join(run, lock)) ?? [])
  if (pids.length === 0 && (await isListenedAt(machine))) return []
  return [{ kind: 'folder', name: run, cause: `its ROOT ${root} is gone`, pids }]
}
