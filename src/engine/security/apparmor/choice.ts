import { failure } from '../../../diagnostics/index.ts'
import type { AppArmor } from './kernel.ts'

/** What is asked of AppArmor for a container. */
export interface AppArmorRequest {
  readonly privileged?: boolean
  /** A profile's name, or `unconfined`; absent: ours, and none for a privileged container. */
  readonly apparmor?: string
  /** The masked paths are masked, and nothing in the container can change that. */
  readonly masked: boolean
}

/**
 * The profile that a container's processes enter, or `unconfined`; undefined where this machine has no AppArmor. Docker's
 * own is taken for ours where Docker has not loaded it. Fails with `APPARMOR_UNAVAILABLE`, `APPARMOR_PROFILE_INVALID` or
 * `APPARMOR_PROFILE_UNKNOWN`.
 */
export function apparmorProfile(
  { privileged, apparmor: option, masked }: AppArmorRequest,
  apparmor: AppArmor | undefined,
): string | undefined {
  if (apparmor === undefined) {
    if (!option || option === 'unconfined') return undefined
    throw unavailable(option)
  }
  if (!option) return (privileged ? undefined : apparmor.defaultProfile(masked)) ?? 'unconfined'
  if (option === 'unconfined') return option
  checkName(option)
  if (apparmor.knows(option)) return option
  // Ours may have been unloaded since the container was started in it.
  const own = apparmor.defaultProfile(masked)
  if (own !== undefined && (option === own || option === 'docker-default')) return own
  throw failure({
    code: 'APPARMOR_PROFILE_UNKNOWN',
    kind: 'invalidArgument',
    summary: `AppArmor profile ${JSON.stringify(option)} is not loaded in this kernel`,
    facts: { profile: option },
    hint: '/sys/kernel/security/apparmor/profiles lists those that are; `apparmor_parser -r FILE` loads one',
  })
}

function unavailable(option: string): Error {
  return failure({
    code: 'APPARMOR_UNAVAILABLE',
    kind: 'invalidArgument',
    summary: `AppArmor profile ${JSON.stringify(option)} asked for, but AppArmor is not enabled in this kernel`,
  })
}

/** The name is written into a file of /proc, where a space or newline would end it. */
function checkName(option: string): void {
  if (/^[A-Za-z0-9_.:/-]{1,255}$/.test(option)) return
  throw failure({
    code: 'APPARMOR_PROFILE_INVALID',
    kind: 'invalidArgument',
    summary: `invalid AppArmor profile name ${JSON.stringify(option)}`,
  })
}
