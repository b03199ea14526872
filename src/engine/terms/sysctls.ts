import type { Term } from './term.ts'

/** Sysctls by which a container passes packets of others on, dotted or slashed. */
const FORWARDING =
  /^net[./](ipv4[./](ip_forward$|conf[./].*[./]forwarding$)|ipv6[./]conf[./].*[./]forwarding$)/

/** Settings of the kernel in the container's own namespaces. */
export interface SysctlTerms {
  readonly values: Readonly<Record<string, string>>
  /** The container is told to route: then it may speak for others. */
  readonly forwards: boolean
}

type Own = 'Sysctls'

/** Whether a sysctl exists and belongs to a namespace of the container is known to the runtime. */
export const sysctlsTerm: Term<Own, SysctlTerms> = {
  fields: { Sysctls: true },
  path: 'HostConfig.Sysctls',
  read: ({ Sysctls = {} }) => ({
    values: Sysctls,
    forwards: Object.keys(Sysctls).some(name => FORWARDING.test(name)),
  }),
}
