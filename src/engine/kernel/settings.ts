import type { Drift } from '../../api/types/index.ts'
import { numbersInRanges } from '../../linux/number-ranges.ts'
import type { InsideOp, SetupOp } from '../../native/index.ts'
import { interfaceSysctls } from '../../network/index.ts'
import { joinedOf, kernelEndpoints } from '../endpoints/joined.ts'
import { namespaceOfSysctl, READONLY_PATHS, sysctlName } from '../security/index.ts'
import { type Facts, factsOf, may } from './facts.ts'
import { settle, unsettled } from './settled.ts'
import type { ContainerSight, Thing } from './thing.ts'

/**
 * Names and sysctls of the namespaces that are a container's own. It sees /proc/sys read-only: who does not, or may set the names, has
 * them to itself.
 */
export const SETTINGS: Thing<ContainerSight> = {
  paths: ['hostname', 'domainname', 'sysctl'],
  async observe(sight) {
    const facts = await factsOf(sight)
    return facts === undefined ? [] : unsettled(facts.spec, await settingsDrift(sight, facts))
  },
  async repair(sight, drift) {
    const facts = await factsOf(sight)
    if (facts === undefined) return
    await write(sight, facts, ({ path }) => drift.some(({ Path }) => Path === path))
    settle(facts.spec, await settingsDrift(sight, facts))
  },
}

type Sight = Pick<ContainerSight, 'engine' | 'container'>

/** Writes those of a container's sysctls whose names are like that. */
export async function writeSysctls(sight: Sight, like: RegExp): Promise<void> {
  const facts = await factsOf(sight)
  if (facts !== undefined) await write(sight, facts, ({ key }) => like.test(key))
}

async function write(
  sight: Sight,
  facts: Facts,
  isMeant: (setting: WantedSetting) => boolean,
): Promise<void> {
  const inside = wantedNow(sight, facts).flatMap(each => (isMeant(each) ? [each.write] : []))
  if (inside.length > 0)
    await sight.engine.native.run({ outside: [{ op: 'enter', ...facts.process, mapped: false }], inside })
}

/** All that it is to have; its networks may be others than when it started. */
function wantedNow({ engine, container }: Sight, { spec, capabilities }: Facts): WantedSetting[] {
  const own = interfaceSysctls(kernelEndpoints(joinedOf(engine, container)))
  const sysctls = { ...own, ...container.terms.sysctls.values }
  return wantedSettings({
    capabilities,
    spec: { ...spec, network: { ...spec.network, sysctls: {} }, sysctls },
  })
}

/** One setting: as drift names it, as the kernel does, and what sets it. */
export interface WantedSetting {
  readonly path: string
  readonly key: string
  readonly want: string
  readonly write: InsideOp
}

/** All that the container was given. */
export function wantedSettings(facts: Pick<Facts, 'spec' | 'capabilities'>): WantedSetting[] {
  const { namespaces, hostname, domainname, sysctls, network, security, userNamespace } = facts.spec
  if (may(facts, 'SYS_ADMIN')) return []
  const names: WantedSetting[] =
    namespaces.uts.kind === 'private'
      ? [
          {
            path: 'hostname',
            key: 'kernel.hostname',
            want: hostname,
            write: { op: 'hostname', name: hostname },
          },
          ...(domainname ? [domain(domainname)] : []),
        ]
      : []
  const isReadonly = (security.readonlyPaths ?? READONLY_PATHS).includes('/proc/sys')
  const values = Object.entries({
    ...(namespaces.net.kind === 'private' ? { 'net.ipv4.ip_unprivileged_port_start': '0' } : {}),
    ...network.sysctls,
    ...sysctls,
  })
  return [
    ...names,
    ...(isReadonly ? values : []).flatMap(([name, want]): WantedSetting[] => {
      const key = sysctlName(name)
      if (namespaces[namespaceOfSysctl(name)].kind !== 'private') return []
      if (key === 'kernel.domainname') return [domain(want)]
      // Groups are told as who asks knows them.
      if (key === 'net.ipv4.ping_group_range' && userNamespace !== undefined) return []
      return [{ path: `sysctl.${key}`, key, want, write: { op: 'sysctl', key, value: want } }]
    }),
  ]
}

function domain(name: string): WantedSetting {
  return { path: 'domainname', key: 'kernel.domainname', want: name, write: { op: 'domainname', name } }
}

async function settingsDrift(sight: Sight, facts: Facts): Promise<Drift[]> {
  const wanted = wantedNow(sight, facts)
  if (wanted.length === 0) return []
  const ops: SetupOp[] = [{ op: 'readSysctls', ...facts.process, keys: wanted.map(({ key }) => key) }]
  const [values] = (await sight.engine.looks.ask(ops)) ?? []
  return values === undefined ? [] : compareSettings(wanted, values.toString('utf8').split('\0'))
}

/** `values`: as the kernel says them, empty where it says nothing. */
export function compareSettings(wanted: readonly WantedSetting[], values: readonly string[]): Drift[] {
  return wanted.flatMap(({ path, want }, index): Drift[] => {
    const got = values[index]?.trim() ?? ''
    if (got === '' || meaningOf(got) === meaningOf(want)) return []
    return [{ Path: path, Want: want, Got: got, Repair: 'place' }]
  })
}

/** Numbers are equal however they are written, and in lists of ranges their order is the kernel's. */
function meaningOf(text: string): string {
  const words = text.trim().split(/\s+/)
  if (words.length === 1 && /^\d+([-,]\d+)+$/.test(text.trim()))
    return [...numbersInRanges(text.trim())].sort((a, b) => a - b).join(',')
  return words.map(word => (/^(0x[\da-f]+|-?\d+)$/i.test(word) ? String(Number(word)) : word)).join(' ')
}
