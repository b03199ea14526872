import type { Backend } from '../../../backend/backend.ts'
import type { Solved } from '../../../backend/solves.ts'
import { StatusFailure } from '../grpc/error.ts'
import { both, type Call, type Method, streaming, unary } from '../grpc/service.ts'
import type { Decoded, Encodable } from '../proto/messages.ts'
import { nestedSession } from '../session/nested.ts'
import type { Sessions } from '../session/sessions.ts'
import { exportJob } from './export-job.ts'
import { solveFailure } from './failure.ts'
import type { Frontend } from './frontend.ts'
import { type History, tracesOf } from './history.ts'
import type { Job } from './job.ts'
import type { Jobs } from './jobs.ts'
import { statusResponse } from './status.ts'
import { diskUsage, prune } from './usage.ts'
import { buildkitVersion, workerOf } from './workers.ts'

/** What the methods work on. */
export interface ControlParts {
  readonly backend: Pick<Backend, 'build' | 'images' | 'system'>
  readonly jobs: Jobs
  readonly sessions: Sessions
  readonly frontend: Frontend
  readonly history: History
  readonly engineId: () => Promise<string>
}

/** `moby.buildkit.v1.Control`. */
export function controlMethods(parts: ControlParts): Readonly<Record<string, Method>> {
  const { backend, jobs, sessions, history, engineId } = parts
  return {
    ListWorkers: unary('ListWorkersRequest', 'ListWorkersResponse', async () => ({
      record: [workerOf(await engineId())],
    })),
    Info: unary('InfoRequest', 'InfoResponse', async () => ({ buildkitVersion: buildkitVersion() })),
    Solve: unary('SolveRequest', 'SolveResponse', (request, call) => solve(parts, request, call)),
    Status: streaming('StatusRequest', 'StatusResponse', async function* ({ Ref }, call) {
      for await (const trace of tracesOf(parts, Ref, call.signal)) yield statusResponse(trace)
    }),
    Session: both('BytesMessage', (stream, call) => nestedSession(sessions, stream, call)),
    DiskUsage: unary('DiskUsageRequest', 'DiskUsageResponse', async () => diskUsage(backend)),
    Prune: streaming('PruneRequest', 'UsageRecord', request => prune(backend, request)),
    ListenBuildHistory: streaming(
      'BuildHistoryRequest',
      'BuildHistoryEvent',
      (request, call) => history.listen(request, jobs.running, call.signal),
      () => ({ 'buildkit-current-timestamp': new Date().toISOString() }),
    ),
    UpdateBuildHistory: unary('UpdateBuildHistoryRequest', 'UpdateBuildHistoryResponse', async request => {
      await history.update(request)
      return {}
    }),
  }
}

/** Opens a job, has the client drive it or drives it itself, and puts what was made where it is to go. */
async function solve(
  { backend, jobs, history, frontend }: ControlParts,
  request: Decoded<'SolveRequest'>,
  call: Call,
): Promise<Encodable<'SolveResponse'>> {
  const job = jobs.open(request)
  const cancel = (): void => job.cancel()
  call.signal.addEventListener('abort', cancel, { once: true })
  const record = history.begin(job)
  try {
    const solved = await solvedOf(job, frontend)
    const response = solved === undefined ? {} : await exported(job, solved, frontend, backend)
    await record.end(response, solved)
    return { ExporterResponse: response }
  } catch (error) {
    const failed = solveFailure(error, job.signal, undefined)
    await record.fail(failed.status)
    throw failed
  } finally {
    call.signal.removeEventListener('abort', cancel)
    await jobs.close(job)
    // A client waits a short while only for what is told after the answer.
    await job.story.heard(call.signal)
  }
}

function exported(
  job: Job,
  solved: Solved,
  frontend: Frontend,
  backend: ControlParts['backend'],
): Promise<Readonly<Record<string, string>>> {
  return exportJob(job, solved, frontend.clientOf(job, {}), { backend, session: () => frontend.session(job) })
}

/** What is to be exported; none where there is nothing to put anywhere, as when a client asks what we can do. */
async function solvedOf(job: Job, frontend: Frontend): Promise<Solved | undefined> {
  const { Frontend: name, FrontendAttrs, FrontendInputs } = job.terms
  if (name !== '') {
    const solved = await frontend.solve(job, name, FrontendAttrs, FrontendInputs)
    job.solved.set('', solved)
    return solved
  }
  const returned = await job.returned
  if ('error' in returned) throw new StatusFailure(returned.error)
  const ref = returned.result?.ref?.id ?? Object.values(returned.result?.refs?.refs ?? {})[0]?.id
  return ref === undefined ? undefined : job.solved.get(ref)
}
