import type { BuildTrace } from '../../api/types/index.ts'
import { Failure, failure } from '../../diagnostics/index.ts'
import type { Build } from '../../model/index.ts'
import type { BuildImage } from '../../planner/index.ts'
import { type BuildSource, openBuildContext } from '../build-context/index.ts'
import type { ContextPart } from '../build-context/pack.ts'
import { buildWithContext } from '../build-context/send.ts'
import { isRemoteContext } from '../build-context/where.ts'
import {
  type BuildInput,
  buildRequest,
  furtherContexts,
  openAgents,
  tellNotApplied,
} from '../build-request/index.ts'
import type { BuildCallOptions } from '../docker.ts'
import type { Execution, Executor, OperationContext } from '../execution.ts'
import { BuildLines } from './build-lines.ts'
import { followLines } from './lines.ts'

/** Builds an image from its context, telling each line; the image's digest decides the guards behind it. */
export const buildImage: Executor<'buildImage'> = async (operation, context) => {
  const { execution } = context
  const { options } = execution
  const input = { operation, project: options.project, options, warn: execution.warn.bind(execution) }
  tellNotApplied(input)
  const agents = await openAgents(input)
  try {
    await buildAs(input, agents.sockets, context)
  } finally {
    await agents.close()
  }
}

async function buildAs(
  input: BuildInput,
  agents: Readonly<Record<string, string>>,
  { execution, report }: OperationContext,
): Promise<void> {
  const { operation } = input
  const { reference, serviceName } = operation
  const { options } = execution
  const further = await furtherContexts(input)
  const request = await buildRequest(input, { ...further, agents })
  const build = await withContextHere(operation.build, execution)
  const { context, local, dockerfile, origin } = await sourceOf(
    { ...operation, build },
    execution,
    further.parts,
  )
  const call: BuildCallOptions = {
    ...request,
    dockerfile,
    ...(build.context !== undefined && isRemoteContext(build.context) ? { remote: build.context } : {}),
    ...(options.signal === undefined ? {} : { abortSignal: options.signal }),
  }
  const { docker } = execution
  const called =
    local === undefined
      ? docker.buildImage(context, call)
      : buildWithContext(docker, local, options.signal, (sent, kept) =>
          docker.buildImage(sent, { ...call, ...kept }),
        )
  const lines = new BuildLines(execution.buildStatuses)
  let id: string | undefined
  const what = `build of service "${serviceName}" failed`
  const following = called.then(stream =>
    followLines(stream, 'BUILD_FAILED', what, line => {
      id = line.aux?.ID ?? id
      const trace = line.tscompose?.trace
      if (trace !== undefined) report({ text: 'Building', trace: ofService(trace, serviceName) })
      for (const detail of lines.of(line)) report({ text: 'Building', detail })
    }),
  )
  await following.catch((error: unknown) => {
    throw namingDockerfile(error, dockerfile, origin)
  })
  if (operation.check === true) return
  if (id !== undefined) execution.rememberDigest(reference, id)
  else if ((await execution.digestOf(reference)) === undefined)
    throw failure({
      code: 'BUILD_FAILED',
      summary: `build of service "${serviceName}" ended without an image`,
    })
}

/** A trace with the service in the names of its steps, as bake has them: several builds are told together. */
function ofService(trace: BuildTrace, service: string): BuildTrace {
  const named = trace.vertexes?.map(vertex => ({
    ...vertex,
    name: vertex.name.startsWith('[')
      ? vertex.name.replace('[', `[${service} `)
      : `[${service}] ${vertex.name}`,
  }))
  return named === undefined ? trace : { ...trace, vertexes: named }
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

/** The build with a folder for its context where it was an address that can be fetched on this side. */
async function withContextHere(build: Build, { options }: Execution): Promise<Build> {
  if (build.context === undefined || !isRemoteContext(build.context)) return build
  const folder = await options.fetchContext?.(build.context)
  return folder === undefined ? build : { ...build, context: folder }
}

async function sourceOf(
  operation: BuildImage,
  { options }: Execution,
  parts: readonly ContextPart[],
): Promise<BuildSource> {
  const { serviceName, build } = operation
  const dockerfile = build.dockerfile ?? 'Dockerfile'
  if (options.readContext !== undefined)
    return { context: await options.readContext(operation), dockerfile, origin: dockerfile }
  if (!isRemoteContext(build.context)) {
    const { engineRoot } = options
    return openBuildContext(serviceName, build, { parts, engineRoot })
  }
  const { Readable } = await import('node:stream')
  return { context: Readable.from([]), dockerfile, origin: dockerfile }
}
