import { type Diagnostic, Failure } from '../../diagnostics/index.ts'
import { formatPlatform } from '../../oci/platform.ts'
import { type Platforms, platformArgs } from '../defaults.ts'
import type { ImageStore } from '../store/types.ts'
import { lintDockerfile } from './dockerfile/lint/lint.ts'
import type { BaseFacts } from './dockerfile/lint/rule.ts'
import type { ParseResult } from './dockerfile/parse.ts'
import type { NamedStage } from './stages.ts'

/** What a Dockerfile is checked with. */
export interface CheckRequest {
  readonly parsed: ParseResult
  readonly stages: readonly NamedStage[]
  /** Indices of those that are built: of others no image is looked at. */
  readonly needed: readonly number[]
  readonly store: ImageStore
  readonly args: Readonly<Record<string, string>>
  readonly platforms: Platforms
  readonly isIgnored: (path: string) => boolean
}

/**
 * What the lint rules say of a Dockerfile. Of images that are not in the store nothing is known, and nothing is said. Raises
 * the findings as one Failure where the file has `# check=error=true`.
 */
export async function checkDockerfile(request: CheckRequest): Promise<readonly Diagnostic[]> {
  const { parsed, platforms, args, needed, isIgnored } = request
  const bases = await basesOf(request)
  const found = lintDockerfile(
    {
      dockerfile: parsed.dockerfile,
      escapeChar: parsed.escapeChar,
      given: args,
      platformArgs: new Map([...platformArgs(platforms), ['TARGETSTAGE', 'default']]),
      platform: formatPlatform(platforms.target),
      baseOf: image => bases.get(image),
      isNeeded: index => needed.includes(index),
      isIgnored,
    },
    parsed.check,
  )
  if (parsed.check.error && found.length > 0)
    throw new Failure(
      'invalidArgument',
      found.map(each => ({ ...each, severity: 'error' as const })),
    )
  return found
}

/** A finding on one line, as a build tells it. */
export function lineOfFinding(finding: Diagnostic): string {
  const text = `${finding.code}: ${textOfFinding(finding)}`
  return finding.range === undefined ? text : `${text} (line ${finding.range.start.line})`
}

/** What a finding says, without its place. */
export function textOfFinding({ summary, hint }: Diagnostic): string {
  return hint === undefined ? summary : `${summary} (${hint})`
}

async function basesOf({ stages, needed, store }: CheckRequest): Promise<ReadonlyMap<string, BaseFacts>> {
  const built = stages.filter(({ stage }) => needed.includes(stage.index))
  const images = new Set(built.map(({ image }) => image).filter(image => image !== 'scratch'))
  const found = new Map<string, BaseFacts>()
  for (const image of images) {
    const record = await inspected(store, image)
    if (record === undefined) continue
    const { Env = [], WorkingDir = '', Shell = [] } = record.config
    const { os, architecture } = record
    found.set(image, {
      env: Env ?? [],
      workingDir: WorkingDir,
      hasShell: (Shell ?? []).length > 0,
      platform: `${os}/${architecture}`,
    })
  }
  return found
}

/** An image that is here; a name that is none is told by the step that wants it. */
async function inspected(
  store: ImageStore,
  image: string,
): Promise<Awaited<ReturnType<ImageStore['inspect']>> | undefined> {
  try {
    return await store.resolveNamed(image)
  } catch (error) {
    if (error instanceof Failure) return undefined
    throw error
  }
}
