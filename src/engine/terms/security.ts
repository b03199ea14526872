import { failure } from '../../diagnostics/index.ts'
import type { SecurityOptions } from '../runtime/index.ts'
import { resolveCapabilities, type SeccompOption } from '../security/index.ts'
import { checkEgress, readEgress } from './egress.ts'
import type { Given, Term } from './term.ts'

type Own =
  | 'TscomposeEgress'
  | 'Privileged'
  | 'CapAdd'
  | 'CapDrop'
  | 'SecurityOpt'
  | 'MaskedPaths'
  | 'ReadonlyPaths'

/** What the container may do, and where it may go. EGRESS_INVALID, SECURITY_OPTION_INVALID for what has no known shape, CAPABILITY_UNKNOWN. */
export const securityTerm: Term<Own, SecurityOptions, 'NetworkMode'> = {
  fields: {
    TscomposeEgress: true,
    Privileged: true,
    CapAdd: true,
    CapDrop: true,
    SecurityOpt: true,
    MaskedPaths: true,
    ReadonlyPaths: true,
  },
  path: 'HostConfig.SecurityOpt',
  read: readSecurity,
  check: (given, problems) => {
    const { CapAdd = [], CapDrop = [] } = given
    problems.collect('HostConfig.TscomposeEgress', () => checkEgress(given))
    problems.collect('HostConfig.CapAdd', () => void resolveCapabilities({ capAdd: CapAdd }))
    problems.collect('HostConfig.CapDrop', () => void resolveCapabilities({ capDrop: CapDrop }))
  },
}

function readSecurity(given: Pick<Given, Own>): SecurityOptions {
  let found: {
    noNewPrivileges?: boolean
    seccomp?: SeccompOption
    apparmor?: string
    maskedPaths?: readonly string[]
    readonlyPaths?: readonly string[]
  } = {}
  if (given.MaskedPaths !== undefined) found.maskedPaths = given.MaskedPaths
  if (given.ReadonlyPaths !== undefined) found.readonlyPaths = given.ReadonlyPaths
  for (const option of given.SecurityOpt ?? []) {
    // The newer form is `key=value`, the older `key:value`.
    const [, key = option, value = ''] = /^([a-z-]+)(?:[=:]([\s\S]*))?$/.exec(option) ?? []
    found = { ...found, ...parseOption(option, key, value) }
  }
  const labelOptions = (given.SecurityOpt ?? []).flatMap(option => /^label[=:](.*)$/s.exec(option)?.[1] ?? [])
  const egress = readEgress(given.TscomposeEgress)
  return {
    privileged: given.Privileged === true,
    capAdd: given.CapAdd ?? [],
    // Frames of a process's own making would pass by the rules.
    capDrop: [...(given.CapDrop ?? []), ...(egress === undefined ? [] : ['NET_RAW'])],
    ...(egress === undefined ? {} : { egress }),
    ...(labelOptions.length === 0 ? {} : { labelOptions }),
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
    // What they mean depends on the policy, and on others: nothing where there is none.
    case 'label':
      return {}
  }
  throw failure({
    code: 'SECURITY_OPTION_INVALID',
    kind: 'invalidArgument',
    summary: `security option ${JSON.stringify(option.slice(0, 80))} is not understood`,
    facts: { option },
    hint: 'want no-new-privileges[:bool], seccomp=<profile|unconfined|builtin>, apparmor=<profile>, label=…, systempaths=unconfined',
  })
}
