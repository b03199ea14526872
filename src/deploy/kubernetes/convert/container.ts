import type { Path } from '../../../model/index.ts'
import type { Container, EnvVar } from '../objects/pod.ts'
import { type Context, compact, nameOf, type Subject } from './context.ts'
import { hooksOf } from './hooks.ts'
import { imageOf, pullPolicyOf } from './image.ts'
import { containerPortsOf } from './ports.ts'
import { probesOf } from './probes.ts'
import { escapeReferences } from './references.ts'
import { resourcesOf } from './resources.ts'
import { containerSecurity } from './security.ts'
import type { Mounts } from './volumes.ts'

/** The container of one service; `isServer` is false for what runs to its end, which nobody probes. */
export function containerOf(subject: Subject, mounts: Mounts, isServer: boolean): Container {
  const { name, service } = subject
  return compact({
    name: nameOf(subject.context, name),
    image: imageOf(subject),
    imagePullPolicy: pullPolicyOf(subject),
    ...commandOf(subject),
    workingDir: service.working_dir,
    env: variablesOf(subject),
    ports: containerPortsOf(subject),
    stdin: service.stdin_open,
    tty: service.tty,
    ...(isServer ? probesOf(subject) : {}),
    lifecycle: hooksOf(subject),
    resources: resourcesOf(subject),
    securityContext: containerSecurity(subject),
    volumeMounts: mounts.mountsOf(subject.name),
  })
}

/** Entrypoint and command; neither is there where the image's own are meant. */
function commandOf(subject: Subject): Pick<Container, 'command' | 'args'> {
  const { entrypoint, command } = subject.service
  const { notes } = subject.context
  const args = escaped(command ?? [])
  if (entrypoint === null) {
    if (command?.length === 0)
      notes.warn(
        'KUBERNETES_ATTRIBUTE',
        [...subject.path, 'command'],
        "an empty command cannot take the place of the image's own in Kubernetes",
        'write entrypoint with all its words',
      )
    return compact({ args })
  }
  // Without an entrypoint the command is the program: Kubernetes has no other word for that.
  if (entrypoint.length === 0) return compact({ command: args })
  return compact({ command: escaped(entrypoint), args })
}

function escaped(words: readonly string[]): string[] {
  return words.map(escapeReferences)
}

function variablesOf(subject: Subject): EnvVar[] {
  return environmentOf(subject, subject.service.environment ?? {}, ['environment'])
}

/** Variables with a value; that one of the image is to be unset cannot be said. */
export function environmentOf(
  { context, name: service, path }: Subject,
  environment: Readonly<Record<string, string | null>>,
  attribute: readonly (string | number)[],
): EnvVar[] {
  return Object.entries(environment).flatMap(([name, value]) => {
    const at = [...path, ...attribute, name]
    if (value !== null) {
      if (!isKnownName(name)) warnOfName(context, at, name)
      return isTakenName(name) ? [{ name, value: escapeReferences(value) }] : []
    }
    context.notes.choose(
      at,
      `Container ${service}`,
      `${name} has no value here: it is the image's own, if it has one`,
    )
    return []
  })
}

/** Names of variables that every version of Kubernetes takes. */
function isKnownName(name: string): boolean {
  return /^[A-Za-z_.-][\w.-]*$/.test(name) && !/^\.{1,2}(?:$|\.)/.test(name)
}

/** Those that 1.32 and later take: what can be printed in ASCII, but for the sign behind a name. */
function isTakenName(name: string): boolean {
  return /^[ -<>-~]+$/.test(name)
}

function warnOfName({ notes }: Context, path: Path, name: string): void {
  notes.warn(
    'KUBERNETES_NAME',
    path,
    isTakenName(name)
      ? `Kubernetes before 1.32 takes no variable that is called "${name}"`
      : `Kubernetes takes no variable that is called "${name}": it is left out`,
    'name it with letters, digits, "_", "-" and ".", not beginning with a digit',
  )
}
