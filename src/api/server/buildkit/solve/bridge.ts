import { randomUUID } from 'node:crypto'
import { failure } from '../../../../diagnostics/index.ts'
import type { Solved, SolvedEntry } from '../../../backend/solves.ts'
import { StatusFailure } from '../grpc/error.ts'
import { type Call, type Method, unary } from '../grpc/service.ts'
import type { Decoded, Encodable } from '../proto/messages.ts'
import { writeFileMode } from '../session/file-mode.ts'
import { definitionOf } from './definition.ts'
import type { Frontend } from './frontend.ts'
import type { Job } from './job.ts'
import type { Jobs } from './jobs.ts'
import { capabilities, workerOf } from './workers.ts'

/** Names which build a call of the bridge belongs to. */
const BUILD = 'buildkit-controlapi-buildid'

/** `moby.buildkit.v1.frontend.LLBBridge`: how clients drive a build that `Control.Solve` has opened. */
export function bridgeMethods(
  jobs: Jobs,
  frontend: Frontend,
  engineId: () => Promise<string>,
): Readonly<Record<string, Method>> {
  const jobOf = (call: Call): Promise<Job> => jobs.find(call.metadata(BUILD)[0] ?? '', call.signal)
  return {
    Ping: unary('PingRequest', 'PongResponse', async (_, call) => {
      await jobOf(call)
      const { ID, Labels, platforms } = workerOf(await engineId())
      return { ...capabilities(), Workers: [{ ID, Labels, platforms }] }
    }),
    Solve: unary('BridgeSolveRequest', 'BridgeSolveResponse', async (request, call) => {
      const job = await jobOf(call)
      return { result: await job.during(solve(job, request, frontend)) }
    }),
    Return: unary('ReturnRequest', 'ReturnResponse', async ({ result, error }, call) => {
      const job = await jobOf(call)
      job.return(error === null || error.code === 0 ? { result } : { error: rpcStatus(error) })
      return {}
    }),
    Evaluate: unary('EvaluateRequest', 'EvaluateResponse', async ({ Ref }, call) => {
      if (Ref !== '') solvedOf(await jobOf(call), Ref)
      return {}
    }),
    Inputs: unary('InputsRequest', 'InputsResponse', async (_, call) => ({
      Definitions: definitionsOf((await jobOf(call)).terms.FrontendInputs),
    })),
    Warn: unary('WarnRequest', 'WarnResponse', async ({ digest, level, short }, call) => {
      const job = await jobOf(call)
      const text = Buffer.from(short).toString('base64')
      job.story.tell({ warnings: [{ vertex: digest, level, short: text, detail: null }] })
      return {}
    }),
    ResolveImageConfig: unary(
      'ResolveImageConfigRequest',
      'ResolveImageConfigResponse',
      async (asked, call) => imageConfig(await jobOf(call), asked, frontend),
    ),
    ReadFile: unary('ReadFileRequest', 'ReadFileResponse', async ({ Ref, FilePath, Range }, call) => {
      const bytes = await solvedOf(await jobOf(call), Ref).read(FilePath)
      if (bytes === undefined) throw noFile(FilePath)
      const { Offset = 0, Length = 0 } = Range ?? {}
      return { Data: bytes.subarray(Offset, Length === 0 ? bytes.length : Offset + Length) }
    }),
    ReadDir: unary('ReadDirRequest', 'ReadDirResponse', async ({ Ref, DirPath }, call) => {
      const entries = await solvedOf(await jobOf(call), Ref).list(DirPath)
      return { entries: entries.map(statOf) }
    }),
    StatFile: unary('StatFileRequest', 'StatFileResponse', async ({ Ref, Path }, call) => {
      const entry = await solvedOf(await jobOf(call), Ref).stat(Path)
      if (entry === undefined) throw noFile(Path)
      return { stat: statOf(entry) }
    }),
  }
}

async function solve(
  job: Job,
  request: Decoded<'BridgeSolveRequest'>,
  frontend: Frontend,
): Promise<Encodable<'BridgeResult'>> {
  if (request.Frontend === '') {
    if ((request.Definition?.def.length ?? 0) > 0) throw noGraphs()
    return { ref: {} }
  }
  const attributes = request.FrontendOpt
  const inputs = request.FrontendInputs
  if (attributes['requestid'] !== undefined) {
    const metadata = await frontend.report(job, request.Frontend, attributes, inputs)
    return { ref: {}, metadata }
  }
  const solved = await frontend.solve(job, request.Frontend, attributes, inputs)
  return keepResult(job, solved)
}

/** Remembers what was made until the job ends, and tells the client of it. */
function keepResult(job: Job, solved: Solved): Encodable<'BridgeResult'> {
  const [first, ...others] = solved.images.map(image => ({ ...image, id: randomUUID() }))
  if (first === undefined) return { ref: {} }
  const all = [first, ...others]
  for (const { id } of all) job.solved.set(id, solved)
  const platforms = Buffer.from(
    JSON.stringify({ Platforms: all.map(({ platform }) => platformOf(platform)) }),
  )
  const isOne = others.length === 0
  const configs = all.map(({ config, platform }) => {
    const key = isOne ? 'containerimage.config' : `containerimage.config/${platform}`
    return [key, Buffer.from(JSON.stringify(config))] as const
  })
  const refs = all.map(({ id, platform }) => [platform, { id, def: definitionOf(id) }] as const)
  return {
    ...(isOne
      ? { ref: { id: first.id, def: definitionOf(first.id) } }
      : { refs: { refs: Object.fromEntries(refs) } }),
    metadata: { ...Object.fromEntries(configs), 'refs.platforms': platforms },
  }
}

function platformOf(platform: string): object {
  const [os, architecture, variant] = platform.split('/')
  return { ID: platform, Platform: { architecture, os, ...(variant === undefined ? {} : { variant }) } }
}

async function imageConfig(
  job: Job,
  { Ref, Platform, ResolveMode }: Decoded<'ResolveImageConfigRequest'>,
  frontend: Frontend,
): Promise<Encodable<'ResolveImageConfigResponse'>> {
  const platform = Platform === null ? {} : { platform: platformText(Platform) }
  const wanted = { isFresh: ResolveMode === 'pull', ...platform }
  const { id, bytes } = await job.during(frontend.imageConfig(job, Ref, wanted))
  return { Digest: id, Config: bytes, Ref }
}

function platformText({ OS, Architecture, Variant }: Decoded<'Platform'>): string {
  return [OS, Architecture, Variant].filter(part => part !== '').join('/')
}

function solvedOf(job: Job, ref: string): Solved {
  const solved = job.solved.get(ref)
  if (solved !== undefined) return solved
  throw failure({ code: 'SOLVE_REFERENCE', kind: 'notFound', summary: `no such ref: ${ref}` })
}

function definitionsOf(
  inputs: Readonly<Record<string, Decoded<'Definition'>>>,
): Readonly<Record<string, Encodable<'Definition'>>> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { def, metadata }]) => [name, { def, metadata }]),
  )
}

function statOf({ path, kind, mode, uid, gid, size, mtime, link }: SolvedEntry): Encodable<'Stat'> {
  const modTime = Math.floor(mtime / 1000) * 1e9
  const [name, linkname] = [Buffer.from(path, 'latin1'), Buffer.from(link, 'latin1')]
  return { path: name, mode: writeFileMode(kind, mode), uid, gid, size, modTime, linkname }
}

function rpcStatus({ code, message, details }: Decoded<'RpcStatus'>): Encodable<'RpcStatus'> {
  return { code, message, details: details.map(({ type_url, value }) => ({ type_url, value })) }
}

function noFile(path: string): StatusFailure {
  return new StatusFailure({ code: 2, message: `open ${path}: no such file or directory` })
}

function noGraphs(): Error {
  return failure({
    code: 'SOLVE_DEFINITION',
    kind: 'notImplemented',
    summary: 'graphs of operations (LLB) are not built, Dockerfiles alone',
  })
}
