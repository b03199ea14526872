import type { Hook } from '../../../model/index.ts'
import type { Container, Handler } from '../objects/pod.ts'
import { compact, type Subject } from './context.ts'

/** Commands around a container's life, as handlers. */
export function hooksOf(subject: Subject): NonNullable<Container['lifecycle']> {
  const { service } = subject
  return compact({
    postStart: handlerOf(subject, 'post_start', service.post_start ?? []),
    preStop: handlerOf(subject, 'pre_stop', service.pre_stop ?? []),
  })
}

/** One command as it is; several one after the other by a shell, since Kubernetes takes one. */
function handlerOf(
  subject: Subject,
  attribute: 'post_start' | 'pre_stop',
  hooks: readonly Hook[],
): Handler | undefined {
  const [first, ...more] = hooks
  if (first === undefined) return undefined
  for (const [index, hook] of hooks.entries()) warnOfSetting(subject, attribute, index, hook)
  if (more.length === 0) return { exec: { command: first.command ?? [] } }
  subject.context.notes.choose(
    [...subject.path, attribute],
    `Container ${subject.name}`,
    'Kubernetes takes one command: a shell of the image runs them one after the other',
  )
  const script = hooks.map(({ command = [] }) => command.map(shellWord).join(' ')).join(' && ')
  return { exec: { command: ['/bin/sh', '-c', script] } }
}

function warnOfSetting({ context, path }: Subject, attribute: string, index: number, hook: Hook): void {
  for (const name of ['user', 'privileged', 'working_dir', 'environment'] as const) {
    const { [name]: value } = hook
    if (value === undefined || value === false) continue
    context.notes.warn(
      'KUBERNETES_ATTRIBUTE',
      [...path, attribute, index, name],
      `a hook of Kubernetes has no ${name}: it runs as the container does`,
    )
  }
}

/** A word that a shell takes as it is. */
function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
