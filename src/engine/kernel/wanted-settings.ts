import type { InsideOp, SysctlWrite } from '../../native/index.ts'
import { interfaceSysctls } from '../../network/index.ts'
import { namespaceOfSysctl, READONLY_PATHS, sysctlName } from '../security/index.ts'
import { type Made, may } from './made.ts'

/** One setting: as drift names it, as the kernel does, and what sets it. */
export interface WantedSetting {
  readonly path: string
  readonly key: string
  readonly want: string
  readonly write: InsideOp
}

type Sources = Pick<Made, 'spec' | 'capabilities' | 'endpoints'>

const known = new WeakMap<Sources, { readonly of: object; readonly settings: readonly WantedSetting[] }>()

/** All that the container is to have by now, the sysctls that were asked for among it: its networks may be others than when it started. */
export function wantedSettings(
  made: Sources,
  sysctls: Readonly<Record<string, string>>,
): readonly WantedSetting[] {
  const before = known.get(made)
  if (before?.of === sysctls) return before.settings
  const settings = settingsOf(made, sysctls)
  known.set(made, { of: sysctls, settings })
  return settings
}

function settingsOf(
  { spec, capabilities, endpoints }: Sources,
  sysctls: Readonly<Record<string, string>>,
): WantedSetting[] {
  if (spec === undefined || may({ capabilities }, 'SYS_ADMIN')) return []
  const { namespaces, hostname, domainname, security, userNamespace } = spec
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
  const values = asWritten([
    ...(namespaces.net.kind === 'private'
      ? [{ key: 'net.ipv4.ip_unprivileged_port_start', value: '0' }]
      : []),
    ...interfaceSysctls(endpoints),
    // As they were written, behind the others.
    ...Object.entries(sysctls).map(([key, value]) => ({ key, value })),
  ])
  return [
    ...names,
    ...(isReadonly ? values : []).flatMap((setting): WantedSetting[] => {
      const { key, value: want } = setting
      if (namespaces[namespaceOfSysctl(key)].kind !== 'private') return []
      if (key === 'kernel.domainname') return [domain(want)]
      // Groups are told as who asks knows them.
      if (key === 'net.ipv4.ping_group_range' && userNamespace !== undefined) return []
      return [{ path: `sysctl.${key}`, key, want, write: { op: 'sysctl', ...setting } }]
    }),
  ]
}

const DISABLED = /^net\.ipv6\.conf\.(.+)\.disable_ipv6$/

/** What each is, by the kernel's names, when all were written one after the other: one for all interfaces is one for each that there is. */
function asWritten(all: readonly SysctlWrite[]): SysctlWrite[] {
  const settings = new Map<string, SysctlWrite>()
  for (const { key: name, ...rest } of all) {
    const key = sysctlName(name)
    settings.set(key, { key, ...rest })
    if (DISABLED.exec(key)?.[1] !== 'all') continue
    for (const each of settings.values())
      if (DISABLED.test(each.key)) settings.set(each.key, { ...each, value: rest.value })
  }
  return [...settings.values()]
}

function domain(name: string): WantedSetting {
  return { path: 'domainname', key: 'kernel.domainname', want: name, write: { op: 'domainname', name } }
}
