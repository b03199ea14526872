import { readFile } from 'node:fs/promises'
import { Failure, failure } from '../../diagnostics/index.ts'
import type { Build, Project } from '../../model/index.ts'
import { credentialsForImage } from '../../oci/credentials.ts'
import type { BuildImage } from '../../planner/index.ts'
import { isRemoteContext, openBuildContext } from '../build-context/index.ts'
import { ulimits } from '../create-request/index.ts'
import { compact, nonEmpty, unsupported } from '../create-request/input.ts'
import { bytes } from '../create-request/resources.ts'
import type { BuildCallOptions } from '../docker.ts'
import type { Execution, Executor } from '../execution.ts'
import { tolerate } from '../tolerate.ts'
import { followLines } from './lines.ts'

/** Fetches an image, telling each layer's progress. */
export const pullImage: Executor<'pullImage'> = async (operation, { execution, report }) => {
  const { reference, platform } = operation
  const authconfig = await credentialsForImage(reference)
  const stream = await execution.docker.pull(reference, {
    ...(authconfig === undefined ? {} : { authconfig }),
    ...(platform === undefined ? {} : { platform }),
    ...abortable(execution),
  })
  await followLines(stream, 'IMAGE_PULL_FAILED', `pull of "${reference}" failed`, line =>
    report({
      text: 'Pulling',
      detail: [line.id, line.status].filter(part => part !== undefined).join(' '),
      ...(line.progressDetail?.current === undefined ? {} : { current: line.progressDetail.current }),
      ...(line.progressDetail?.total === undefined ? {} : { total: line.progressDetail.total }),
    }),
  )
  const digest = await execution.digestOf(reference)
  if (digest === undefined)
    throw failure({ code: 'IMAGE_PULL_FAILED', summary: `pull of "${reference}" ended without the image` })
}

/** Builds an image from its context, telling each line; the image's digest decides the guards behind it. */
export const buildImage: Executor<'buildImage'> = async (operation, { execution, report }) => {
  const { reference, serviceName } = operation
  warnNotApplied(operation, execution)
  const build = await withContextHere(operation.build, execution)
  const { context, dockerfile, origin } = await sourceOf({ ...operation, build }, execution)
  const secrets = await buildSecrets(operation, execution.options.project)
  const options = compact<BuildCallOptions>({
    t: [reference, ...operation.tags],
    dockerfile,
    nocache: operation.noCache,
    pull: operation.pull,
    buildargs: argsOf(operation),
    labels: operation.labels,
    ...(build.target === undefined ? {} : { target: build.target }),
    ...(operation.platform === undefined ? {} : { platform: operation.platform }),
    ...(build.network === undefined ? {} : { networkmode: build.network }),
    ...(build.context !== undefined && isRemoteContext(build.context) ? { remote: build.context } : {}),
    ...abortable(execution),
    extrahosts: (build.extra_hosts ?? []).map(entry => entry.replace('=', ':')),
    ...optional('shmsize', bytes(build.shm_size)),
    ...optional('ulimits', nonEmpty(ulimits(build.ulimits))),
    ...optional('cachefrom', nonEmpty(build.cache_from?.filter(source => !source.includes('=')))),
    ...(Object.keys(secrets).length === 0 ? {} : { secrets }),
  })
  const stream = await execution.docker.buildImage(context, options)
  let id: string | undefined
  const what = `build of service "${serviceName}" failed`
  const following = followLines(stream, 'BUILD_FAILED', what, line => {
    id = line.aux?.ID ?? id
    for (const text of (line.stream ?? line.status ?? '').split('\n'))
      if (text.trim() !== '') report({ text: 'Building', detail: text.trimEnd() })
  })
  await following.catch((error: unknown) => {
    throw namingDockerfile(error, dockerfile, origin)
  })
  if (id !== undefined) execution.rememberDigest(reference, id)
  else if ((await execution.digestOf(reference)) === undefined)
    throw failure({
      code: 'BUILD_FAILED',
      summary: `build of service "${serviceName}" ended without an image`,
    })
}

/** The engine knows the Dockerfile by its path in the tar; people know it by where it lies. */
function namingDockerfile(error: unknown, inTar: string, origin: string): unknown {
  if (!(error instanceof Failure)) return error
  const diagnostics = error.diagnostics.map(diagnostic =>
    diagnostic.range?.file === inTar
      ? { ...diagnostic, range: { ...diagnostic.range, file: origin } }
      : diagnostic,
  )
  return new Failure(error.kind, diagnostics, error)
}

function optional<K extends keyof BuildCallOptions>(
  key: K,
  value: BuildCallOptions[K],
): Partial<BuildCallOptions> {
  return value === undefined ? {} : { [key]: value }
}

function abortable({ options }: Execution): { abortSignal?: AbortSignal } {
  return options.signal === undefined ? {} : { abortSignal: options.signal }
}

/** The build with a folder for its context where it was an address that can be fetched on this side. */
async function withContextHere(build: Build, { options }: Execution): Promise<Build> {
  if (build.context === undefined || !isRemoteContext(build.context)) return build
  const folder = await options.fetchContext?.(build.context)
  return folder === undefined ? build : { ...build, context: folder }
}

async function sourceOf(
  operation: BuildImage,
  { options }: Execution,
): Promise<Awaited<ReturnType<typeof openBuildContext>>> {
  const { serviceName, build } = operation
  const dockerfile = build.dockerfile ?? 'Dockerfile'
  if (options.readContext !== undefined)
    return { context: await options.readContext(operation), dockerfile, origin: dockerfile }
  if (!isRemoteContext(build.context)) return openBuildContext(serviceName, build)
  const { Readable } = await import('node:stream')
  return { context: Readable.from([]), dockerfile, origin: dockerfile }
}

/** The file's arguments, those of `--build-arg` over them; one without a value is left to the engine's own. */
function argsOf({ build, args }: BuildImage): Readonly<Record<string, string | null>> {
  return { ...build.args, ...args }
}

/** Secrets for `RUN --mount=type=secret`, by the id that the Dockerfile knows them by. */
async function buildSecrets(
  { build, serviceName }: BuildImage,
  project: Project | undefined,
): Promise<Record<string, Uint8Array>> {
  const secrets: Record<string, Uint8Array> = {}
  for (const { source, target = source } of build.secrets ?? []) {
    const secret = project?.model.secrets?.[source]
    if (secret?.file !== undefined) secrets[target] = await readFile(secret.file)
    else if (secret?.content !== undefined) secrets[target] = Buffer.from(secret.content)
    else
      throw failure({
        kind: 'notFound',
        code: 'BUILD_SECRET_NOT_FOUND',
        summary: `build of service "${serviceName}" uses secret "${source}", which has no content`,
      })
  }
  return secrets
}

/** Attributes that need BuildKit, which the Engine API's builder is not. */
const NEEDS_BUILDKIT = [
  'additional_contexts',
  'cache_to',
  'entitlements',
  'no_cache_filter',
  'platforms',
  'privileged',
  'provenance',
  'sbom',
  'ssh',
] as const

function warnNotApplied({ serviceName, build }: BuildImage, execution: Execution): void {
  for (const attribute of NEEDS_BUILDKIT)
    if (build[attribute] !== undefined)
      execution.warn(unsupported(serviceName, `build.${attribute}`, 'the builder can not do that yet'))
  for (const { source, uid, gid, mode } of build.secrets ?? [])
    if (uid !== undefined || gid !== undefined || mode !== undefined)
      execution.warn(
        unsupported(
          serviceName,
          'build.secrets',
          `uid, gid and mode of "${source}" are said in the Dockerfile`,
        ),
      )
}

/** One that is gone already is as it should be. */
export const removeImage: Executor<'removeImage'> = async ({ reference }, { execution }) => {
  await tolerate(['notFound'], execution.docker.getImage(reference).remove({}))
}
