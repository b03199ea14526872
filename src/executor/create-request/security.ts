import { readFileSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import type { HostConfig } from '../../api/types/index.ts'
import { failure, messageOf } from '../../diagnostics/index.ts'
import { compact, nonEmpty, nonEmptyMap, type RequestInput } from './input.ts'

/** Capabilities, privileges and security options. */
export function security(input: RequestInput): HostConfig {
  const { service } = input.operation
  const options = service.security_opt ?? []
  // Docker's client turns this one into two empty lists; the engine does not know the option itself.
  const isUnconfined =
    options.includes('systempaths=unconfined') || options.includes('systempaths:unconfined')
  return compact({
    CapAdd: nonEmpty(service.cap_add),
    CapDrop: nonEmpty([...(service.cap_drop ?? []), ...droppedBesideHeld(input)]),
    Privileged: service.privileged,
    ReadonlyRootfs: service.read_only,
    SecurityOpt: nonEmpty(
      options.filter(option => !/^systempaths[=:]/.test(option)).map(option => securityOption(input, option)),
    ),
    MaskedPaths: isUnconfined ? [] : undefined,
    ReadonlyPaths: isUnconfined ? [] : undefined,
    GroupAdd: nonEmpty(service.group_add),
    Sysctls: nonEmptyMap(service.sysctls),
  })
}

/** Who joins the network of a service that is held to its egress must not pass by that; what is asked for is refused by the engine. */
function droppedBesideHeld({ operation: { service }, project, foreignEngine }: RequestInput): string[] {
  const [, joined = ''] = /^service:(.+)$/.exec(service.network_mode ?? '') ?? []
  const isHeld = project.model.services[joined]?.['x-tscompose']?.egress !== undefined
  const isAsked = service.cap_add?.some(name => /^(cap_)?net_raw$/i.test(name)) === true
  return isHeld && !isAsked && foreignEngine !== true ? ['NET_RAW'] : []
}

/** The profile of `seccomp=<file>` is on the client's side, so its text is sent; everything else goes as it stands. */
function securityOption(input: RequestInput, option: string): string {
  const { serviceName } = input.operation
  const match = /^([a-z-]+)(?:[=:](.*))?$/s.exec(option)
  if (match?.[1] === undefined || (match[2] === undefined && match[1] !== 'no-new-privileges'))
    throw failure({
      kind: 'invalidArgument',
      code: 'SECURITY_OPT_INVALID',
      summary: `"security_opt" of service "${serviceName}": got "${option}", want "name=value"`,
    })
  const [, name, value = ''] = match
  if (name !== 'seccomp' || value === 'unconfined' || value === 'builtin') return option
  const path = isAbsolute(value) ? value : join(input.project.workingDir, value)
  return `seccomp=${JSON.stringify(parseProfile(serviceName, path, profileText(input, path)))}`
}

/** Reads a profile of this side. */
export function readProfile(path: string): string {
  return readFileSync(path, 'utf8')
}

function profileText({ readFile, operation }: RequestInput, path: string): string {
  try {
    return readFile(path)
  } catch (error) {
    throw failure({
      kind: 'notFound',
      code: 'SECCOMP_PROFILE_UNREADABLE',
      summary: `seccomp profile "${path}" of service "${operation.serviceName}" cannot be read: ${messageOf(error)}`,
      cause: error,
    })
  }
}

function parseProfile(serviceName: string, path: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw failure({
      kind: 'invalidArgument',
      code: 'SECCOMP_PROFILE_INVALID',
      summary: `seccomp profile "${path}" of service "${serviceName}" is no JSON`,
      cause: error,
    })
  }
}
