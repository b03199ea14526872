import { failure } from '../../../diagnostics/index.ts'
import type { Backend } from '../../backend/backend.ts'
import type { ExecBackend } from '../../backend/exec.ts'
import type {
  AttachSession,
  ExecCreateRequest,
  ExecCreateResponse,
  ExecStartOptions,
  ExecStartRequest,
  OutputFrame,
} from '../../types/index.ts'
import { parseDetachKeys } from '../answer/detach-keys.ts'
import { asFailure, describe } from '../answer/error.ts'
import { takeShape } from '../decode/shape.ts'
import { EXEC_CREATE, EXEC_IN, EXEC_START } from '../decode/shapes.ts'
import { decodeSize, invalid } from '../decode/values.ts'
import type { AttachAnswer, Handlers } from '../handler.ts'

type ExecRoute = 'execCreate' | 'execIn' | 'execStart' | 'execResize' | 'execInspect'

/** Commands in running containers. */
export function execHandlers({
  exec: backend,
  containers,
}: Pick<Backend, 'exec' | 'containers'>): Handlers<ExecRoute> {
  return {
    execCreate: ({ params, body }) => create(backend, params.id, takeShape(EXEC_CREATE, body).body),
    execIn: async ({ body }) => {
      const { Labels = [], ...request } = takeShape(EXEC_IN, body).body
      const found = await containers.idsOf({ label: Labels }, false)
      const { Id } = await create(backend, theOne(found, Labels), request)
      const answer = await start(backend, Id, { tty: request.Tty === true })
      const end = async (): Promise<object> => ({ ExitCode: (await backend.inspect(Id)).ExitCode })
      return { ...answer, told: { first: { Id }, last: end } }
    },
    execStart: async ({ params, body: given }) => {
      const { body } = takeShape(EXEC_START, given)
      const options = startOptions(body)
      if (body.Detach !== true) return start(backend, params.id, options)
      await backend.startDetached(params.id, options)
      return undefined
    },
    execResize: async ({ params, query }) => {
      await backend.resize(params.id, decodeSize(query.h, query.w))
      return undefined
    },
    execInspect: ({ params }) => backend.inspect(params.id),
  }
}

/** Two would be another's choice, who knows what their labels mean. CONTAINER_NOT_ONE. */
function theOne(ids: readonly string[], labels: readonly string[]): string {
  const [id, ...others] = ids
  if (id !== undefined && others.length === 0) return id
  throw failure({
    code: 'CONTAINER_NOT_ONE',
    kind: 'notFound',
    summary: `${ids.length} running containers have the labels ${labels.join(', ')}: want one`,
  })
}

async function create(
  backend: ExecBackend,
  container: string,
  request: ExecCreateRequest,
): Promise<ExecCreateResponse> {
  if (request.Cmd === undefined || request.Cmd.length === 0) throw invalid('No exec command specified')
  parseDetachKeys(request.DetachKeys || undefined)
  return backend.create(container, request)
}

function startOptions(body: ExecStartRequest): ExecStartOptions {
  const tty = body.Tty === true
  if (body.ConsoleSize === undefined) return { tty }
  const [height = 0, width = 0] = body.ConsoleSize
  return { tty, size: { height, width } }
}

/**
 * The command starts when the head is on its way: what it writes must not travel in one piece with that. A command that
 * cannot be run has been started as far as clients see: they read why from its output, and 126, 127 or 128 from its
 * inspect, as with Docker.
 */
async function start(backend: ExecBackend, id: string, options: ExecStartOptions): Promise<AttachAnswer> {
  const { tty, detachKeys } = await backend.prepare(id, options)
  const join = async (): Promise<AttachSession> => {
    try {
      return await backend.start(id, options)
    } catch (error) {
      return refused(describe(asFailure(error), { name: 'execStart', params: { id } }), tty)
    }
  }
  return { tty, join, detachKeys: parseDetachKeys(detachKeys || undefined) }
}

function refused(message: string, tty: boolean): AttachSession {
  async function* output(): AsyncGenerator<OutputFrame> {
    yield { stream: 'stdout', bytes: Buffer.from(`${message}\r\n`) }
  }
  return { tty, output: output(), close: () => undefined }
}
