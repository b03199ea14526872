import type { InsideOp } from '../../native/index.ts'
import type { ProcessUser } from '../rootfs/user.ts'
import { apparmorProfile } from '../security/apparmor/index.ts'
import { capabilityBit, namesOf, resolveCapabilities } from '../security/capabilities.ts'
import { seccompFilter } from '../security/seccomp/index.ts'
import type { CompilerHost } from './host.ts'
import type { SecurityOptions } from './spec.ts'

/** What the payload is confined by from its exec on. */
export function compileConfinement(security: SecurityOptions, host: CompilerHost): InsideOp[] {
  const profile = confinementOf(security, host) ?? 'unconfined'
  const { process, mount: file } = security.labels ?? {}
  return [
    ...(profile === 'unconfined' ? [] : [{ op: 'apparmor', profile } as const]),
    ...(process === undefined || file === undefined ? [] : [{ op: 'selinux', process, file } as const]),
  ]
}

/**
 * The last operations before exec, in the one order that leaves nothing behind: groups and ids, exact capability sets,
 * no_new_privs, seccomp. Inheritable and ambient stay empty (CVE-2022-24769 and kin); a user who is not root has no
 * capability at all, as with Docker, only the bound that a setuid program may reach.
 */
export function compileCredentials(
  user: ProcessUser,
  security: SecurityOptions,
  host: CompilerHost,
): InsideOp[] {
  const bounding = resolveCapabilities(security, host.capabilities)
  const held = user.uid === 0 ? bounding : 0n
  const option = security.seccomp ?? { kind: security.privileged ? 'unconfined' : 'default' }
  const filter = seccompFilter(option, { ...host, capabilities: namesOf(bounding) })
  return [
    { op: 'user', uid: user.uid, gid: user.gid, groups: user.groups },
    { op: 'capabilities', bounding, effective: held, permitted: held, inheritable: 0n, ambient: 0n },
    ...(security.noNewPrivileges ? [{ op: 'noNewPrivs' } satisfies InsideOp] : []),
    ...(filter === undefined ? [] : [{ op: 'seccomp', filter, flags: 0 } satisfies InsideOp]),
  ]
}

const SYS_ADMIN = capabilityBit('SYS_ADMIN')

/** The AppArmor profile of a container's processes, or `unconfined`; undefined where the machine has no AppArmor. */
export function confinementOf(
  security: SecurityOptions,
  host: Pick<CompilerHost, 'apparmor' | 'capabilities'>,
): string | undefined {
  const mayUnmount = (resolveCapabilities(security, host.capabilities) & SYS_ADMIN) !== 0n
  return apparmorProfile(
    { ...security, masked: security.maskedPaths === undefined && !mayUnmount },
    host.apparmor,
  )
}
