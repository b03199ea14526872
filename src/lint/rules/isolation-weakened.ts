import type { Path } from '../../model/index.ts'
import { perService, type Rule, type Subject } from '../rule.ts'

/** Capabilities that lead out of the container by themselves. */
const CAPABILITY = /^(?:CAP_)?(?:ALL|SYS_ADMIN|SYS_MODULE|SYS_RAWIO|SYS_PTRACE|DAC_READ_SEARCH|BPF)$/i
const UNCONFINED = /^(?:seccomp|apparmor|systempaths)[=:]unconfined$/

/** ISOLATION_WEAKENED */
export const isolationWeakened: Rule = {
  code: 'ISOLATION_WEAKENED',
  severity: 'warning',
  about: 'A capability, security option or namespace takes most of the isolation away',
  find: perService(function* (subject) {
    // A privileged container has all of it, and is told as that.
    if (subject.service.privileged === true) return
    for (const [path, what] of weaknesses(subject))
      yield {
        path,
        summary: `${what} takes away much of what keeps the container apart from the host`,
        hint: 'remove it, or say with x-lint: {ignore: [ISOLATION_WEAKENED]} that the service needs it',
      }
  }),
}

function* weaknesses({ service, path }: Subject): Generator<readonly [Path, string]> {
  for (const [index, capability] of (service.cap_add ?? []).entries())
    if (CAPABILITY.test(capability)) yield [[...path, 'cap_add', index], `the capability ${capability}`]
  for (const [index, option] of (service.security_opt ?? []).entries())
    if (UNCONFINED.test(option)) yield [[...path, 'security_opt', index], `"${option}"`]
  if (service.pid === 'host') yield [[...path, 'pid'], 'the process namespace of the host']
}
