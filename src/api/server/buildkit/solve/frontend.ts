import { failure } from '../../../../diagnostics/index.ts'
import type { BuildClient } from '../../../backend/build-client.ts'
import type {
  ImageConfigAnswer,
  SolveBackend,
  Solved,
  SolveListener,
  SolveRequest,
  WantedImage,
} from '../../../backend/solves.ts'
import type { Decoded } from '../proto/messages.ts'
import type { Session } from '../session/session.ts'
import { sessionClient } from '../session/session-client.ts'
import type { Sessions } from '../session/sessions.ts'
import { readAttributes } from './attributes.ts'
import { solvedIn } from './definition.ts'
import { type FailedFile, solveFailure } from './failure.ts'
import type { Job } from './job.ts'
import type { Jobs } from './jobs.ts'
import { reportMetadata } from './reports.ts'
import { unmetTrace } from './unmet.ts'

type Attributes = Readonly<Record<string, string>>
type Inputs = Readonly<Record<string, Decoded<'Definition'>>>

/** Milliseconds that a build waits for its client's session. */
const PATIENCE = 30_000

/** Turns what clients ask of a frontend into builds of the engine. */
export class Frontend {
  readonly #backend: SolveBackend
  readonly #sessions: Sessions
  readonly #jobs: Jobs

  constructor(backend: SolveBackend, sessions: Sessions, jobs: Jobs) {
    this.#backend = backend
    this.#sessions = sessions
    this.#jobs = jobs
  }

  /** Builds a Dockerfile. Raises StatusFailure with all that clients show. */
  async solve(job: Job, frontend: string, attributes: Attributes, inputs: Inputs): Promise<Solved> {
    checkFrontend(frontend, attributes)
    return this.#tell(job, attributes, inputs, (request, client, listener) =>
      this.#backend.solve(request, client, listener, job.signal),
    )
  }

  /** Answers what is asked of a Dockerfile without building it. */
  async report(
    job: Job,
    frontend: string,
    attributes: Attributes,
    inputs: Inputs,
  ): Promise<Readonly<Record<string, Uint8Array>>> {
    checkFrontend(frontend, attributes)
    const name = attributes['requestid'] ?? ''
    return this.#tell(job, attributes, inputs, async (request, client, listener) =>
      reportMetadata(name, () => this.#backend.report(request, client, listener, job.signal)),
    )
  }

  /** The configuration of an image, for a frontend that runs at the client. */
  imageConfig(job: Job, reference: string, wanted: WantedImage): Promise<ImageConfigAnswer> {
    return this.#backend.imageConfig(reference, wanted, this.clientOf(job, {}), job.signal)
  }

  /** The session of a job's client, for what it exports. */
  session(job: Job): Promise<Session> {
    return this.#sessions.find(job.terms.Session, PATIENCE, job.signal)
  }

  /** A job's client, behind its session, or that which an attribute names for a folder. */
  clientOf(job: Job, attributes: Attributes): BuildClient {
    return sessionClient(async folder => {
      const own = folder === undefined ? undefined : attributes[`local-sessionid:${folder}`]
      const session = await this.#sessions.find(own ?? job.terms.Session, PATIENCE, job.signal)
      session.gone.addEventListener('abort', () => job.cancel(), { once: true })
      return session
    })
  }

  async #tell<T>(
    job: Job,
    attributes: Attributes,
    inputs: Inputs,
    work: (request: SolveRequest, client: BuildClient, listener: SolveListener) => Promise<T>,
  ): Promise<T> {
    const client = this.clientOf(job, attributes)
    let file: FailedFile | undefined
    const listener: SolveListener = {
      trace: trace => job.story.tell(trace),
      dockerfile: found => {
        file = found
      },
    }
    try {
      const request = await readAttributes(attributes, {
        entitlements: job.terms.Entitlements,
        cacheExports: job.terms.Cache?.Exports ?? [],
        cacheImports: job.terms.Cache?.Imports ?? [],
        solvedInput: name => {
          const solved = this.#jobs.solved(solvedIn(inputs[name]) ?? '')
          return solved === undefined ? undefined : { solved }
        },
        upload: async id => ({ tar: await client.upload(id, job.signal) }),
        onUnmet: texts => job.story.tell(unmetTrace(texts)),
      })
      return await work(request, client, listener)
    } catch (error) {
      throw solveFailure(error, job.signal, file)
    }
  }
}

/** `gateway.v0` runs an image that is a frontend; those of Dockerfiles say what we do. Raises FRONTEND_UNSUPPORTED. */
function checkFrontend(frontend: string, attributes: Attributes): void {
  if (frontend === 'dockerfile.v0') return
  const source = attributes['source'] ?? ''
  if (frontend === 'gateway.v0' && /^(?:[^\s]+\/)?dockerfile(?:-upstream)?(?:[:@]|$)/.test(source)) return
  throw failure({
    code: 'FRONTEND_UNSUPPORTED',
    kind: 'notImplemented',
    summary: `frontend ${source === '' ? frontend : source} is not supported`,
    hint: 'Dockerfiles are built',
  })
}
