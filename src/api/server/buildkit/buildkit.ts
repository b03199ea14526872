import type { Duplex } from 'node:stream'
import { Server, ServerCredentials } from '@grpc/grpc-js'
import type { Backend } from '../../backend/backend.ts'
import type { ProgressMessage } from '../../types/index.ts'
import { addService, type Method, type Report, unary } from './grpc/service.ts'
import { Sessions } from './session/sessions.ts'
import { bridgeMethods } from './solve/bridge.ts'
import { contentMethods } from './solve/content.ts'
import { controlMethods } from './solve/control.ts'
import { Frontend } from './solve/frontend.ts'
import { History } from './solve/history.ts'
import { Jobs } from './solve/jobs.ts'
import { type PostedBuild, type PostedBuildMeans, postedBuild } from './solve/posted-build.ts'
import { Uploads } from './solve/uploads.ts'

const SERVING = 1
/** Bytes of a request; the files of a session come by another way. */
const MOST = 16 * 1024 * 1024

/** What it needs of an engine. */
export type BuildKitBackend = Pick<Backend, 'build' | 'images' | 'system'>

/** BuildKit, as its clients drive it over the connections of our API. */
export class BuildKit {
  readonly sessions: Sessions = new Sessions()
  readonly #server: Server
  readonly #connect: (connection: Duplex) => void
  readonly #means: PostedBuildMeans

  constructor(backend: BuildKitBackend, report: Report) {
    const engineId = async (): Promise<string> => (await backend.system.info()).ID
    const jobs = new Jobs()
    const history = new History(backend.build.records, report)
    const frontend = new Frontend(backend.build, this.sessions, jobs)
    this.#means = { backend, jobs, frontend, uploads: new Uploads() }
    this.#server = new Server({
      'grpc.max_receive_message_length': MOST,
      'grpc.max_send_message_length': MOST,
      'grpc.enable_channelz': 0,
    })
    const add = (name: string, methods: Readonly<Record<string, Method>>): void =>
      addService(this.#server, name, methods, report)
    const parts = { backend, jobs, sessions: this.sessions, frontend, history, engineId }
    add('moby.buildkit.v1.Control', controlMethods(parts))
    add('moby.buildkit.v1.frontend.LLBBridge', bridgeMethods(jobs, frontend, engineId))
    add('containerd.services.content.v1.Content', contentMethods(history))
    add('grpc.health.v1.Health', {
      Check: unary('HealthCheckRequest', 'HealthCheckResponse', async () => ({ status: SERVING })),
    })
    const injector = this.#server.createConnectionInjector(ServerCredentials.createInsecure())
    this.#connect = connection => injector.injectConnection(connection)
  }

  /** A build by `POST /build`, as its client reads it. */
  build(request: PostedBuild): AsyncIterable<ProgressMessage> {
    return postedBuild(this.#means, request)
  }

  /** Ends a build by its id, where it runs. */
  cancel(id: string): void {
    for (const job of this.#means.jobs.running) if (job.terms.Ref === id) job.cancel()
  }

  /** Serves calls on a connection that has left HTTP/1.1; resolves when it has ended. */
  readonly serve = async (connection: Duplex): Promise<void> => {
    const ended = new Promise<void>(resolve => {
      connection.once('close', resolve)
    })
    if (connection.destroyed) return
    this.#connect(connection)
    await ended
  }
}
