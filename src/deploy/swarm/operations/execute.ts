import { setTimeout as delay } from 'node:timers/promises'
import type { ServiceSpec } from '../../../api/types/index.ts'
import { Failure, failure } from '../../../diagnostics/index.ts'
import { changesBetween, fieldsOf } from '../plan/fields.ts'
import { named } from '../plan/observed.ts'
import type {
  CreateFile,
  CreateService,
  SwarmOperation,
  UpdateFile,
  UpdateService,
} from '../plan/operation.ts'
import { CONTENT_LABEL, contentLabel } from '../plan/versions.ts'
import { awaitEnd, awaitService, type ReportDetail } from './await.ts'
import {
  isGone,
  isOvertaken,
  isRefusal,
  isTaken,
  isWithoutNetwork,
  type SwarmExecution,
} from './execution.ts'

/** Does one operation. Errors: those of the manager, with what they are about, and SWARM_* of what tasks come to. */
export async function executeSwarm(
  operation: SwarmOperation,
  execution: SwarmExecution,
  report: ReportDetail,
): Promise<void> {
  try {
    await execute(operation, execution, report)
  } catch (error) {
    throw isRefusal(error) ? about(operation, error) : error
  }
}

/** A manager says why it refuses something, and not of what. */
function about({ resource: { kind, name } }: SwarmOperation, error: Failure): Failure {
  const diagnostics = error.diagnostics.map(each => ({
    ...each,
    summary: `${kind} "${name}": ${each.summary}`,
  }))
  return new Failure(error.kind, diagnostics, error)
}

async function execute(
  operation: SwarmOperation,
  execution: SwarmExecution,
  report: ReportDetail,
): Promise<void> {
  const { engine } = execution
  switch (operation.type) {
    case 'createNetwork':
      return unlessTaken(async () => void (await engine.createNetwork(operation.request)))
    case 'removeNetwork':
      return unlessGone(() => untilUnused(() => engine.getNetwork(operation.networkId).remove(), execution))
    case 'createFile':
      return createFile(operation, execution)
    case 'updateFile':
      return updateFile(operation, execution)
    case 'removeFile':
      return unlessGone(() => fileOf(execution, operation).remove())
    case 'createService':
      return createService(operation, execution)
    case 'updateService':
      return updateService(operation, execution)
    case 'removeService':
      return unlessGone(() => engine.getService(operation.serviceId).remove())
    case 'awaitService':
      return awaitService(operation, execution, report)
    case 'awaitEnd':
      return awaitEnd(operation, execution, report)
  }
}

/** A second deploy at the same time has made it meanwhile: it is there. */
async function unlessTaken(create: () => Promise<void>): Promise<void> {
  try {
    await create()
  } catch (error) {
    if (!isTaken(error)) throw error
  }
}

async function unlessGone(remove: () => Promise<void>): Promise<void> {
  try {
    await remove()
  } catch (error) {
    if (!isGone(error)) throw error
  }
}

/** Milliseconds that what has just ended may still be held, and between two tries. */
const HELD = 60_000
const HELD_POLL = 500

/** Tasks that have ended are let go of a moment later. */
async function untilUnused(remove: () => Promise<void>, { options }: SwarmExecution): Promise<void> {
  for (const end = performance.now() + HELD; ; ) {
    try {
      return await remove()
    } catch (error) {
      const isUsed = error instanceof Failure && /in use|active endpoints/i.test(error.message)
      if (!isUsed || performance.now() > end) throw error
      await delay(HELD_POLL, undefined, options.signal === undefined ? {} : { signal: options.signal })
    }
  }
}

function fileOf(
  { engine }: SwarmExecution,
  { kind, fileId }: Pick<UpdateFile, 'kind' | 'fileId'>,
): ReturnType<SwarmExecution['engine']['getConfig']> {
  return kind === 'config' ? engine.getConfig(fileId) : engine.getSecret(fileId)
}

async function createFile({ kind, wanted, data }: CreateFile, execution: SwarmExecution): Promise<void> {
  const { engine, options } = execution
  const isSecret = kind === 'secret' && data !== undefined
  const request = {
    ...wanted,
    Labels: {
      ...wanted.Labels,
      ...(isSecret ? { [CONTENT_LABEL]: contentLabel(data, options.makeKey()) } : {}),
    },
    ...(data === undefined ? {} : { Data: Buffer.from(data).toString('base64') }),
  }
  try {
    const { id } = await (kind === 'config' ? engine.createConfig(request) : engine.createSecret(request))
    execution.rememberFile(kind, wanted.Name ?? '', id)
  } catch (error) {
    if (isTaken(error)) throw changedMeanwhile(kind, wanted.Name ?? '', error)
    throw error
  }
}

/** Whoever made it has made it of something else, maybe: the whole plan is another one. */
function changedMeanwhile(kind: string, name: string, cause: unknown): Error {
  return failure({
    code: 'SWARM_CHANGED',
    kind: 'conflict',
    summary: `somebody else has made or changed ${kind} "${name}" meanwhile, or what it uses`,
    cause,
  })
}

async function updateFile(operation: UpdateFile, execution: SwarmExecution): Promise<void> {
  const { kind, version, wanted } = operation
  try {
    await fileOf(execution, operation).update({ ...wanted, version: String(version) })
  } catch (error) {
    if (isOvertaken(error)) throw changedMeanwhile(kind, wanted.Name ?? '', error)
    throw error
  }
}

async function createService({ wanted }: CreateService, execution: SwarmExecution): Promise<void> {
  const { engine } = execution
  try {
    await engine.createService({ ...execution.withIds(wanted), ...(await authOf(wanted, execution)) })
  } catch (error) {
    if (isTaken(error) || isWithoutNetwork(error)) throw changedMeanwhile('service', wanted.Name ?? '', error)
    throw error
  }
}

async function authOf(
  wanted: ServiceSpec,
  { options }: SwarmExecution,
): Promise<{ authconfig?: NonNullable<Awaited<ReturnType<NonNullable<typeof options.authOf>>>> }> {
  const authconfig = await options.authOf?.(wanted.TaskTemplate?.ContainerSpec?.Image ?? '')
  return authconfig === undefined ? {} : { authconfig }
}

/** Times that a change is tried again which another one has overtaken. */
const TRIES = 20

/** The last of several deploys at once wins; none fails because of another, and none is left half done. */
async function updateService(operation: UpdateService, execution: SwarmExecution): Promise<void> {
  const service = execution.engine.getService(operation.serviceId)
  let { version, wanted } = operation
  for (let attempt = 1; ; attempt++) {
    try {
      await service.update({
        ...execution.withIds(wanted),
        ...(await authOf(wanted, execution)),
        version: String(version),
        ...(operation.isRollback === true ? { rollback: 'previous' } : {}),
      })
      return
    } catch (error) {
      if (isWithoutNetwork(error)) throw changedMeanwhile('service', wanted.Name ?? '', error)
      // What is rolled back twice would be rolled forward.
      if (!isOvertaken(error) || operation.isRollback === true || attempt === TRIES) throw error
      if (operation.isPartial === true) throw changedMeanwhile('service', wanted.Name ?? '', error)
    }
    const { Spec, Version } = await service.inspect()
    const networks = execution.observed.networks
    if (changesBetween(fieldsOf(named(Spec, networks)), fieldsOf(named(wanted, networks))).length === 0)
      return
    version = Version.Index
    const ForceUpdate = Spec.TaskTemplate?.ForceUpdate ?? 0
    wanted = { ...wanted, TaskTemplate: { ...wanted.TaskTemplate, ForceUpdate } }
  }
}
