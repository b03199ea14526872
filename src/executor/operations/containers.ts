import { randomBytes } from 'node:crypto'
import type { HostConfig } from '../../api/types/index.ts'
import { type Diagnostic, failure } from '../../diagnostics/index.ts'
import type { Project } from '../../model/index.ts'
import { type CreateContainer, contentValues, sealSecrets } from '../../planner/index.ts'
import { createRequest, injectedFiles, readProfile } from '../create-request/index.ts'
import type { Execution, Executor } from '../execution.ts'
import type { ExecuteOptions } from '../options.ts'
import { tolerate } from '../tolerate.ts'
import { putContents } from './inject.ts'

/** Creates a service's container, with its networks; what the engine warns of is passed on. */
export const createContainer: Executor<'createContainer'> = async (operation, { execution }) => {
  const project = projectOf(execution)
  const { secrets } = operation
  const imageDigest = await execution.digestOf(operation.image)
  await execution.turns.take(false)
  const request = createRequest({
    operation,
    project,
    ...(Object.keys(secrets).length === 0
      ? {}
      : { sealed: sealSecrets(secrets, randomBytes(16).toString('hex')) }),
    imageDigest,
    idOf: ref => execution.idOf(ref),
    readFile: readProfile,
    foreignEngine: execution.options.foreignEngine === true,
    ...callerOf(execution),
    warn: diagnostic => execution.warn(diagnostic),
  })
  if (execution.options.foreignEngine === true && request.HostConfig?.TscomposeBudget !== undefined)
    execution.warn(BUDGET_NOT_KEPT)
  const { platform } = operation.service
  const container = await execution.docker.createContainer({
    ...request,
    name: operation.name,
    ...(platform === undefined ? {} : { platform }),
    ...(operation.run === undefined ? {} : { maker: operation.run.maker }),
  })
  execution.rememberContainer(operation.id, container.id)
  for (const warning of container.warnings ?? []) execution.warn(engineWarning(operation, warning))
}

const BUDGET_NOT_KEPT: Diagnostic = {
  severity: 'warning',
  code: 'ATTRIBUTE_NOT_APPLIED',
  summary: 'the limits of the project are not applied: a Docker Engine has none of several containers',
  path: 'x-tscompose.limits',
}

/** What the engine warns of. */
export function engineWarning(
  { serviceName }: Pick<CreateContainer, 'serviceName'>,
  warning: string,
): Diagnostic {
  return {
    severity: 'warning',
    code: 'ENGINE_WARNING',
    summary: `service "${serviceName}": ${warning}`,
    path: `services.${serviceName}`,
  }
}

/** Who runs the command, as a part of what requests are made from. */
export function callerOf({ options: { caller } }: Execution): Pick<ExecuteOptions, 'caller'> {
  return caller === undefined ? {} : { caller }
}

/** The project, which every operation that makes something from a service needs. */
export function projectOf({ options }: Execution): Project {
  if (options.project !== undefined) return options.project
  throw failure({ code: 'PROJECT_MISSING', summary: 'this plan can only be executed with its project' })
}

/**
 * Puts in the secrets and configs that are in no file (at every start, so one that changed is new, and one that a cut-off
 * `up` did not put in is there), lets the caller attach, starts. One that runs already is as it should be.
 */
export const startContainer: Executor<'startContainer'> = async (operation, { execution }) => {
  const { container: ref, serviceName, beside } = operation
  const container = execution.container(ref)
  const { project, beforeStart } = execution.options
  const service = execution.serviceNamed(serviceName)
  if (project !== undefined && service !== undefined)
    await putContents(
      container,
      injectedFiles(project, serviceName, service),
      contentValues(project, service),
      diagnostic => execution.warn(diagnostic),
    )
  await beforeStart?.({ id: container.id, name: ref.name, service: serviceName })
  await tolerate(['notModified'], container.start(beside === true ? { beside } : {}))
}

/** One that has stopped, or is gone, is as it should be. */
export const stopContainer: Executor<'stopContainer'> = async (operation, { execution, report }) => {
  const { container, timeout } = operation
  // Who is interrupted need not wait for the grace period: the engine goes on with the stop to its end.
  const call = execution.container(container).stop({ told: true, ...endingOptions(timeout, execution) })
  let isGraceSkipped = false
  await tolerate(
    ['notModified', 'notFound'],
    call.then(result => {
      isGraceSkipped = result?.GraceSkipped === true
    }),
  )
  if (isGraceSkipped) report({ text: 'Stopping', detail: 'no handler for the stop signal: killed at once' })
}

function endingOptions(
  timeout: number | undefined,
  { options: { signal } }: Execution,
): { readonly t?: number; readonly abortSignal?: AbortSignal } {
  return {
    ...(timeout === undefined ? {} : { t: timeout }),
    ...(signal === undefined ? {} : { abortSignal: signal }),
  }
}

/** One that does not run needs no signal. */
export const killContainer: Executor<'killContainer'> = async ({ container, signal }, { execution }) => {
  await tolerate(['conflict', 'notFound'], execution.container(container).kill({ signal }))
}

/**
 * Stops and starts it. Secrets and configs that are in no file are put in anew before: in the container that runs, since
 * the engine does both in one (and keeps its network namespace), or in between where the root cannot be written to while
 * it runs. Those whose variable is not set here stay as they are.
 */
export const restartContainer: Executor<'restartContainer'> = async (operation, { execution }) => {
  const { container: ref, serviceName, timeout } = operation
  const { project } = execution.options
  const service = execution.serviceNamed(serviceName)
  const isKnown = project !== undefined && service !== undefined
  const files = isKnown ? injectedFiles(project, serviceName, service, 'present') : []
  const target = execution.container(ref)
  const limit = endingOptions(timeout, execution)
  const isReadonly = files.length > 0 && service?.read_only === true
  if (isReadonly) await tolerate(['notModified'], target.stop(limit))
  if (isKnown)
    await putContents(target, files, contentValues(project, service), diagnostic =>
      execution.warn(diagnostic),
    )
  await (isReadonly ? target.start() : target.restart(limit))
}

/** Freezes it; one that is frozen is as it should be. */
export const pauseContainer: Executor<'pauseContainer' | 'unpauseContainer'> = async (
  operation,
  { execution },
) => {
  const container = execution.container(operation.container)
  await (operation.type === 'pauseContainer' ? container.pause() : container.unpause())
}

/** One that is gone already, or is being removed, is as it should be. */
export const removeContainer: Executor<'removeContainer'> = async (operation, { execution }) => {
  const { container, force, volumes, forget } = operation
  const options = { v: volumes, force, ...(forget === undefined ? {} : { forget }) }
  await tolerate(['notFound'], execution.container(container).remove(options))
}

/** Gives it its name in the end. */
export const renameContainer: Executor<'renameContainer'> = async ({ container, to }, { execution }) => {
  await execution.container(container).rename({ name: to })
}

/** Gives it back the limits that it was made with. */
export const updateContainer: Executor<'updateContainer'> = async ({ container, fields }, { execution }) => {
  const given = Object.entries(fields).flatMap(([field, text]) =>
    text === '' ? [] : [[field, JSON.parse(text)]],
  )
  const host = Object.fromEntries(given) as HostConfig
  const isLifted = given.length < Object.keys(fields).length
  const names = Object.keys(fields).map(field => `HostConfig.${field}`)
  const body = isLifted ? { TscomposeAdapt: { Fields: names, HostConfig: host } } : host
  const { Warnings } = await execution.container(container).update(body)
  for (const warning of Warnings ?? [])
    execution.warn({ severity: 'warning', code: 'ENGINE_WARNING', summary: warning })
}

/** Has the engine put right what has drifted in the kernel; it runs on. */
export const repairContainer: Executor<'repairContainer'> = async ({ container, paths }, { execution }) => {
  await tolerate(['notFound'], execution.container(container).repair({ Paths: paths }))
}
