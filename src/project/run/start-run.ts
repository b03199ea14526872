import { randomBytes } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { Docker } from '../../client/index.ts'
import { Failure } from '../../diagnostics/index.ts'
import type { Service } from '../../model/index.ts'
import {
  type OneOff,
  oneOffName,
  oneOffService,
  type Plan,
  planRun,
  type RunOptions,
} from '../../planner/index.ts'
import type { TerminalSize } from '../begun-exec.ts'
import { type ConnectedProject, connectProject } from '../connected-project.ts'
import { noSuchService } from '../containers.ts'
import { lettingGo } from '../engine.ts'
import { isEngineLost } from '../over-engines.ts'
import { serviceNames } from '../project-name.ts'
import { serviceHere } from '../published-here.ts'
import { runExclusively, type Work, type WorkOptions } from '../run-plan.ts'
import { environmentOf, type Target } from '../target.ts'
import { type OverrideWords, readOverrides } from './overrides.ts'
import { removeUnstarted, wasStarted } from './unstarted.ts'

/** How a one-off container of a service is made, and what comes before it. */
export interface RunTermsRequest
  extends OverrideWords,
    Omit<WorkOptions, 'beforeStart'>,
    Pick<
      RunOptions,
      'noDeps' | 'build' | 'pull' | 'removeOrphans' | 'ignoreOrphans' | 'useAliases' | 'name'
    > {
  /** It gets a terminal. */
  readonly tty?: boolean
  /** Of its terminal, when its command begins. */
  readonly size?: TerminalSize
  /** It can be given input; default: it can. */
  readonly stdinOpen?: boolean
  /** It is removed when it has ended, with its anonymous volumes. */
  readonly autoRemove?: boolean
  /** Publish the service's own ports. */
  readonly servicePorts?: boolean
  /** Only the container itself is about to start: progress is over. */
  readonly beforeStart?: () => Promise<void>
}

/** The container of a run. */
export interface RunContainer {
  readonly id: string
  readonly name: string
}

/** A run that has been started, or only planned. */
export interface StartedRun {
  readonly connected: ConnectedProject
  /** Without a result, too, where its engine was lost while it was started, and the next one has found that it was. */
  readonly work: Work
  /** Absent for a dry run. */
  readonly container?: RunContainer
}

/**
 * Brings up what the service depends on, makes the container and starts it. `attach` is called when it is there and does not run
 * yet. What fails after that leaves no container behind.
 */
export async function startRun(
  target: Target,
  service: string,
  command: readonly string[],
  request: RunTermsRequest,
  attach?: (connected: ConnectedProject, container: RunContainer) => Promise<void>,
): Promise<StartedRun> {
  const connected = await connectProject(target, { services: [service] })
  return lettingGo(connected.docker, 'on failure', async () => {
    const slug = randomBytes(32).toString('hex')
    const name = request.name ?? oneOffName(connected.project.name, service, slug)
    const definition = await definitionOf(connected, service, command, request)
    const isAttached = attach !== undefined
    const { size, ...asked } = request
    const options = {
      ...asked,
      ...{ service, definition, slug, name, attached: isAttached, now: Date.now() },
      ...(size === undefined ? {} : { consoleSize: [size.rows, size.columns] as const }),
    }
    let container: RunContainer | undefined
    let plan: Plan | undefined
    const told = quietOf(request, name)
    try {
      const work = await madeAndStarted(connected, options, {
        ...told,
        onPlan: async (made, resources) => {
          plan = made
          await told.onPlan?.(made, resources)
        },
        beforeStart: async ({ id, name: starting }) => {
          if (starting !== name) return
          container = { id, name }
          await request.beforeStart?.()
          await attach?.(connected, container)
        },
      })
      return { connected, work, ...(container === undefined ? {} : { container }) }
    } catch (error) {
      if (container === undefined || plan === undefined || !isEngineLost(error)) {
        await removeUnstarted(connected, name, slug)
        throw error
      }
      // Of a container that is begun and left alone nobody would hear more than that.
      if (!isAttached || !(await wasStarted(connected, container))) throw error
      return { connected, work: { plan }, container }
    }
  })
}

async function madeAndStarted(
  connected: ConnectedProject,
  options: RunOptions & { readonly name: string },
  work: WorkOptions,
): Promise<Work> {
  const { project, docker } = connected
  let maker: Readable | undefined
  try {
    maker = await stayMaker(docker, options.slug)
    return await runExclusively(connected, 'tscompose run', observed => planRun(project, observed, options), {
      ...work,
      isOfFile: true,
    })
  } finally {
    maker?.destroy()
  }
}

/** Should we be killed, the engine removes what we have not started. Undefined with a Docker Engine, which leaves it. */
async function stayMaker(docker: Docker, slug: string): Promise<Readable | undefined> {
  try {
    const maker = await docker.containerMaker(slug)
    // The death of the engine is told by every call.
    return maker.on('error', () => undefined)
  } catch (error) {
    if (error instanceof Failure && error.kind === 'notFound') return undefined
    throw error
  }
}

async function definitionOf(
  { project, target }: ConnectedProject,
  service: string,
  command: readonly string[],
  request: RunTermsRequest,
): Promise<Service> {
  const found = project.model.services[service]
  if (found === undefined) throw noSuchService(serviceNames(project), service)
  const { tty = false, stdinOpen = true, servicePorts = false } = request
  const overrides = await readOverrides(project, request, target.cwd ?? process.cwd())
  const oneOff: OneOff = { command, overrides, tty, stdinOpen, servicePorts }
  return serviceHere(oneOffService(found, oneOff), project, environmentOf(target))
}

/** The container itself is no news for who asked for it: progress tells of what comes before. */
function quietOf(
  { onPlan, onEvent, ...request }: RunTermsRequest,
  name: string,
): Omit<WorkOptions, 'beforeStart'> {
  return {
    ...request,
    onPlan: (plan, resources) =>
      onPlan?.(
        plan,
        resources.filter(resource => resource.name !== name),
      ),
    onEvent: event => {
      if (event.name !== name) onEvent?.(event)
    },
  }
}
