import { failure } from '../diagnostics/index.ts'
import { parseSwitch } from '../notation/index.ts'
import type { RemoteReference } from '../parser/index.ts'

const SWITCHES = { git: 'COMPOSE_EXPERIMENTAL_GIT_REMOTE', oci: 'COMPOSE_EXPERIMENTAL_OCI_REMOTE' } as const

/** Raises REMOTE_DISABLED where the environment switches such remote files off; they are on by default. */
export function checkSwitch(
  { kind, text }: RemoteReference,
  env: Readonly<Record<string, string | undefined>>,
): void {
  const name = SWITCHES[kind]
  const value = env[name]
  const isOn = parseSwitch(value)
  if (!value || isOn === true) return
  if (isOn === undefined)
    throw failure({
      kind: 'invalidArgument',
      code: 'REMOTE_SWITCH_INVALID',
      summary: `set ${name} to true or false, got "${value}"`,
    })
  throw failure({
    kind: 'invalidArgument',
    code: 'REMOTE_DISABLED',
    summary: `remote files are switched off, got "${text}"`,
    detail: `${name} is ${value}`,
    hint: `unset ${name}, or fetch the file yourself`,
  })
}
