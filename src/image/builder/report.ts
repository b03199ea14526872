import { lineOfFinding } from './check-dockerfile.ts'
import type { BuildOptions } from './options.ts'
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
  /** Stages in their order, with the image or stage of their FROM. */
  readonly stages: readonly { readonly name: string; readonly base: string; readonly line: number }[]
}

/** Reads a Dockerfile, builds nothing and brings no image. Raises one Failure with all that is wrong with it. */
export async function report(options: BuildOptions): Promise<DockerfileReport> {
  const lease = await options.store.lease()
  try {
    const { builds, found } = await prepareBuild(options, lease, false)
    const [{ run }] = builds
    const { file, dockerfile } = run.context
    return {
      findings: found.map(finding => ({
        rule: finding.code,
        text: lineOfFinding({ ...finding, code: '' }).replace(/^: /, ''),
        line: finding.range?.start.line,
      })),
      file,
      text: dockerfile,
      target: targetStage(run.stages, options.target),
      stages: run.stages.map(({ stage: { name = '', from }, image }) => ({
        name,
        base: image,
        line: from.range.start.line,
      })),
    }
  } finally {
    await lease.end()
  }
}
