import { randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { Backend } from '../../../backend/backend.ts'
import type { BuildClient } from '../../../backend/build-client.ts'
import type { ContextPlace } from '../../../backend/solves.ts'
import type { AuthConfig, ImageBuildOptions, ProgressMessage } from '../../../types/index.ts'
import { codecOf } from '../proto/messages.ts'
import { exportJob } from './export-job.ts'
import type { ExporterTerms } from './exporters.ts'
import type { Frontend } from './frontend.ts'
import type { Job } from './job.ts'
import type { Jobs } from './jobs.ts'
import { statusResponse } from './status.ts'
import type { Uploads } from './uploads.ts'

/** What marks the values of the stream. */
const TRACE = 'moby.buildkit.trace'
const IMAGE = 'moby.image.id'
/** The context is in the session, by this name. */
const IN_SESSION = 'client-session'
/** The context comes by a request of its own, whose id of a build begins so. */
const UPLOAD = 'upload-request'

/** `POST /build` with `version=2`. */
export interface PostedBuild {
  readonly options: ImageBuildOptions
  readonly tar: Readable
  /** Id of the client's session; absent: it has none. */
  readonly session?: string
  /** By which it may be cancelled. */
  readonly id?: string
  readonly outputs: readonly ExporterTerms[]
  readonly signal: AbortSignal
}

/** What it is done with. */
export interface PostedBuildMeans {
  readonly backend: Pick<Backend, 'build' | 'images'>
  readonly jobs: Jobs
  readonly frontend: Frontend
  readonly uploads: Uploads
}

/** Builds by one request, whose answer tells what happens as BuildKit's clients read it, and the image's id in the end. */
export async function* postedBuild(
  means: PostedBuildMeans,
  request: PostedBuild,
): AsyncGenerator<ProgressMessage> {
  const { jobs, uploads } = means
  if (request.id?.startsWith(`${UPLOAD}:`) === true)
    return uploads.bring(request.id.slice(UPLOAD.length + 1), request.tar)
  const { decode, encode } = codecOf('SolveRequest')
  const names = request.options.tags.join(',')
  const Exporters = request.outputs.length > 0 ? request.outputs : [{ Type: 'moby', Attrs: { name: names } }]
  const terms = { Ref: request.id ?? randomUUID(), Session: request.session ?? '', Exporters }
  const job = jobs.open(decode(encode(terms)))
  const cancel = (): void => job.cancel()
  request.signal.addEventListener('abort', cancel, { once: true })
  try {
    const working = work(job, means, request).finally(() => job.story.end())
    // It is awaited when all that it told has been sent.
    working.catch(() => undefined)
    for await (const trace of job.story.follow(new AbortController().signal))
      yield { id: TRACE, aux: codecOf('StatusResponse').encode(statusResponse(trace)).toString('base64') }
    const id = (await working)['containerimage.digest']
    if (id !== undefined) yield { id: IMAGE, aux: { ID: id } }
  } finally {
    request.signal.removeEventListener('abort', cancel)
    await jobs.close(job)
  }
}

async function work(
  job: Job,
  { backend, frontend, uploads }: PostedBuildMeans,
  { options, tar, session }: PostedBuild,
): Promise<Readonly<Record<string, string>>> {
  // Older clients wait for ever for a session that begins when its build has failed already.
  if (session !== undefined) await frontend.session(job)
  const client = session === undefined ? clientWithout(options.auth) : frontend.clientOf(job, {})
  const context =
    options.remote === UPLOAD ? { tar: await uploads.take(job.terms.Ref) } : contextOf(options.remote, tar)
  const request = {
    options: { ...options, traced: true, cacheTargets: cacheTargetsOf(options) },
    context,
    contexts: {},
    ...('folder' in context ? { dockerfiles: 'dockerfile' } : {}),
  }
  const listener = { trace: job.story.tell.bind(job.story), dockerfile: () => undefined }
  const solving = backend.build.solve(request, client, listener, job.signal).finally(() => {
    // Whoever sends it waits until it has been read.
    if ('tar' in context) context.tar.resume()
  })
  const solved = await job.during(solving)
  job.solved.set('', solved)
  return exportJob(job, solved, client, { backend, session: () => frontend.session(job) })
}

/** Clients without `--cache-to` ask by a build argument for steps that are told of in the image. */
function cacheTargetsOf({ buildArgs, cacheTargets }: ImageBuildOptions): ImageBuildOptions['cacheTargets'] {
  const isWanted = /^(?:1|t|true)$/i.test(buildArgs['BUILDKIT_INLINE_CACHE'] ?? '')
  return isWanted ? [...cacheTargets, { type: 'inline' }] : cacheTargets
}

function contextOf(remote: string | undefined, tar: Readable): ContextPlace {
  if (remote === undefined || remote === '') return { tar }
  return remote === IN_SESSION ? { folder: 'context' } : { address: remote }
}

/** A client that has sent all that it gives. */
function clientWithout(auth: Readonly<Record<string, AuthConfig>>): BuildClient {
  const none = async (): Promise<undefined> => undefined
  const noSession = (): never => {
    throw new Error('the build has no session')
  }
  return {
    folder: () => ({ list: noSession }),
    secret: none,
    agent: none,
    token: none,
    credentials: async host =>
      auth[host] ?? (host === 'docker.io' ? auth['https://index.docker.io/v1/'] : undefined),
    store: noSession,
    upload: noSession,
  }
}
