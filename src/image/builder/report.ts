import { textOfFinding } from './check-dockerfile.ts'
import type { BuildOptions } from './options.ts'
import { descriptionIn, type Outline, outlineOf } from './outline.ts'
import { prepareBuild } from './prepare.ts'
import { targetStage } from './stages.ts'

/** What is found in a Dockerfile without building it. */
export interface DockerfileReport {
  readonly findings: readonly {
    readonly rule: string
    readonly text: string
    readonly line: number | undefined
  }[]
  readonly file: string
  readonly text: string
  /** Number of the stage that would be built. */
  readonly target: number
  /** Stages in their order, with the text of their FROM. */
  readonly stages: readonly {
    readonly name: string
    readonly description: string | undefined
    readonly base: string
    readonly line: number
  }[]
  /** What can be given to the build of the target. */
  readonly outline: Outline
}

/** Reads a Dockerfile, builds nothing and brings no image. Raises one Failure with all that is wrong with it. */
export async function report(options: BuildOptions): Promise<DockerfileReport> {
  const lease = await options.store.lease()
  try {
    const { builds, found, globals } = await prepareBuild(options, lease, false)
    const [{ run, needed }] = builds
    const { file, dockerfile } = run.context
    const target = targetStage(run.stages, options.target)
    return {
      findings: found.map(finding => ({
        rule: finding.code,
        text: textOfFinding(finding),
        line: finding.range?.start.line,
      })),
      file,
      text: dockerfile,
      target,
      stages: run.stages.map(({ stage: { name = '', from } }) => ({
        name,
        description: descriptionIn(from.comments, name),
        base: from.image,
        line: from.range.start.line,
      })),
      outline: outlineOf({ ...run, globalArgs: globals, needed, target }),
    }
  } finally {
    await lease.end()
  }
}
