import type { HostConfig } from '../../api/types/index.ts'
import { failure } from '../../diagnostics/index.ts'
import type { SecurityOptions } from '../runtime/index.ts'
import type { SeccompOption } from '../security/index.ts'

/** Lists of `SecurityOpt` in the runtime's terms. SECURITY_OPTION_INVALID for what has no known shape. */
export function parseSecurityOptions(host: HostConfig): SecurityOptions {
  let found: {
    noNewPrivileges?: boolean
    seccomp?: SeccompOption
    apparmor?: string
    maskedPaths?: readonly string[]
    readonlyPaths?: readonly string[]
  } = {}
  if (host.MaskedPaths !== undefined) found.maskedPaths = host.MaskedPaths
  if (host.ReadonlyPaths !== undefined) found.readonlyPaths = host.ReadonlyPaths
  for (const option of host.SecurityOpt ?? []) {
    // The newer form is `key=value`, the older `key:value`.
    const [, key = option, value = ''] = /^([a-z-]+)(?:[=:]([\s\S]*))?$/.exec(option) ?? []
    found = { ...found, ...parseOption(option, key, value) }
  }
  return {
    privileged: host.Privileged === true,
    capAdd: host.CapAdd ?? [],
    capDrop: host.CapDrop ?? [],
    ...found,
  }
}

function parseOption(option: string, key: string, value: string): Partial<SecurityOptions> {
  switch (key) {
    case 'no-new-privileges':
      if (value === '' || value === 'true') return { noNewPrivileges: true }
      if (value === 'false') return { noNewPrivileges: false }
      break
    case 'seccomp':
      if (value === 'unconfined') return { seccomp: { kind: 'unconfined' } }
      if (value === 'builtin') return { seccomp: { kind: 'default' } }
      if (value.startsWith('{')) return { seccomp: { kind: 'profile', json: value } }
      break
    case 'apparmor':
      if (value !== '') return { apparmor: value }
      break
    case 'systempaths':
      if (value === 'unconfined') return { maskedPaths: [], readonlyPaths: [] }
      break
    case 'label':
      return {}
  }
  throw failure({
    code: 'SECURITY_OPTION_INVALID',
    kind: 'invalidArgument',
    summary: `security option ${JSON.stringify(option.slice(0, 80))} is not understood`,
    hint: 'want no-new-privileges[:bool], seccomp=<profile|unconfined|builtin>, apparmor=<profile>, label=…, systempaths=unconfined',
  })
}
