import type { Path } from '../../model/index.ts'
import type { Subject } from '../rule.ts'

/** One variable that a Compose file itself gives a value; those of env files and of the environment are not among them. */
export interface WrittenVariable {
  readonly name: string
  readonly value: string
  readonly path: Path
}

/** The variables of `environment` that stand in Compose files and have a value. */
export function* writtenEnvironment(subject: Subject): Generator<WrittenVariable> {
  yield* writtenIn(subject, subject.service.environment, [...subject.path, 'environment'])
}

/** The build arguments that have a value. */
export function* writtenArguments(subject: Subject): Generator<WrittenVariable> {
  yield* writtenIn(subject, subject.service.build?.args, [...subject.path, 'build', 'args'])
}

/** Labels that stand in Compose files. */
export function* writtenLabels(subject: Subject): Generator<WrittenVariable> {
  yield* writtenIn(subject, subject.service.labels, [...subject.path, 'labels'])
}

function* writtenIn(
  { project }: Subject,
  values: Readonly<Record<string, string | null>> | undefined,
  above: Path,
): Generator<WrittenVariable> {
  for (const [name, value] of Object.entries(values ?? {})) {
    const path = [...above, name]
    const origin = project.origins.of(path)
    // A rule of the loader stands for an env file or a variable that is passed through.
    if (value !== null && value !== '' && origin?.range && origin.rule === undefined)
      yield { name, value, path }
  }
}
