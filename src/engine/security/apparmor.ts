import { readFileSync } from 'node:fs'
import { errnoOf, failure } from '../../diagnostics/index.ts'

/** AppArmor is enabled in this kernel. */
export function apparmorEnabled(): boolean {
  try {
    return readFileSync('/sys/module/apparmor/parameters/enabled', 'utf8').startsWith('Y')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false
    throw error
  }
}

/**
 * The profile that a process enters at exec, if any. We load no profile of our own yet, so that the default is none,
 * and only a profile that is named is asked for. Fails with `APPARMOR_UNAVAILABLE` or `APPARMOR_PROFILE_INVALID`.
 */
export function apparmorProfile(option: string | undefined, enabled: boolean): string | undefined {
  if (option === undefined || option === '' || option === 'unconfined') return undefined
  if (!enabled) {
    throw failure({
      code: 'APPARMOR_UNAVAILABLE',
      kind: 'invalidArgument',
      summary: `AppArmor profile ${JSON.stringify(option)} asked for, but AppArmor is not enabled in this kernel`,
    })
  }
  // The name is written into a file of /proc, where a space or newline would end it.
  if (!/^[A-Za-z0-9_.:/-]{1,255}$/.test(option)) {
    throw failure({
      code: 'APPARMOR_PROFILE_INVALID',
      kind: 'invalidArgument',
      summary: `invalid AppArmor profile name ${JSON.stringify(option)}`,
    })
  }
  return option
}
