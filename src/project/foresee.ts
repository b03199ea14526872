import type { NetworkCreateRequest } from '../api/types/index.ts'
import { type Diagnostic, Failure, failure } from '../diagnostics/index.ts'
import {
  checkFiles,
  type FailedOperation,
  locateFailure,
  type PlannedRequest,
  plannedRequests,
} from '../executor/index.ts'
import { type Path, type Project, renderPath } from '../model/index.ts'
import { parseReference } from '../oci/reference.ts'
import { imageReferences, type Observed, type Operation, type Plan, planUp } from '../planner/index.ts'
import { once } from './obstacles.ts'
import { type Environment, isForeign } from './target.ts'

/** For whom a plan is looked through. */
interface Foresight {
  /** `this`: the containers will run here. `any`: what this machine lacks counts for nothing. */
  readonly machine: 'this' | 'any'
  /** Another engine has its own mind: then only what it would be asked with is looked at. */
  readonly foreignEngine?: boolean
}

/** What is seen of a plan before it is executed, each at its place in the file, in the order of the plan. */
interface Foreseen {
  readonly problems: readonly Diagnostic[]
  /** What the file says in vain. */
  readonly warnings: readonly Diagnostic[]
}

/**
 * What of a plan is going to fail, as far as the files and this machine alone tell. What an engine would refuse is asked of
 * our own engine's checks (`src/engine/trial`), without an engine.
 */
async function foresee(plan: Plan, project: Project, foresight: Foresight): Promise<Foreseen> {
  const { requests, failures, warnings, standing } = plannedRequests(plan, project)
  const missing = checkFiles(plan, { project })
  const refused =
    foresight.foreignEngine === true ? [] : await tryRequests(requests, standing, foresight.machine)
  const found = [...missing, ...failures, ...refused].flatMap(
    ({ operation, failure: cause }) => locateFailure(cause, operation, project).diagnostics,
  )
  return { problems: [...wrongReferences(project), ...found], warnings }
}

/** A plan that is to be shown, with what of it is going to fail. */
export async function withProblems(plan: Plan, project: Project, env: Environment): Promise<Plan> {
  const foreignEngine = isForeign(env)
  const found = await foresee(plan, project, { machine: 'this', foreignEngine })
  return {
    ...plan,
    warnings: [...plan.warnings, ...found.warnings],
    problems: once([
      ...(plan.problems ?? []),
      ...plan.operations.flatMap(operation => lostPull(operation, project)),
      ...found.problems,
    ]),
  }
}

/**
 * A plan that is to be executed on what is there, with what of it is going to fail: nothing of it is begun then. What only ends things, or starts what is
 * there, goes on whatever the file says; and of a `run` the engine tells, which knows its flags. Where no container is there yet nothing can be
 * lost, so the engine tells of that, too: the first `up` is not to wait for its checks twice.
 */
export async function withRefusals(
  plan: Plan,
  {
    observed,
    project,
    env,
  }: { readonly observed: Observed; readonly project: Project; readonly env: Environment },
): Promise<Plan> {
  const isOneOff = plan.operations.some(each => each.type === 'createContainer' && each.oneOff === true)
  const isMaking = plan.operations.some(({ type }) => MAKING.includes(type))
  if (isOneOff || !isMaking || observed.containers.length === 0) return plan
  const { problems } = await foresee(plan, project, { machine: 'this', foreignEngine: isForeign(env) })
  return problems.length === 0 ? plan : { ...plan, problems: once([...(plan.problems ?? []), ...problems]) }
}

const MAKING: readonly Operation['type'][] = [
  'createNetwork',
  'createVolume',
  'createContainer',
  'adaptContainer',
]

const LOST = {
  'not found': 'its registry does not have it',
  'access denied': 'its registry denies access (log in, if you may have it)',
  unreachable: 'its registry is not reached from here',
} as const

/** A pull that its registry has refused, where no build stands by. */
function lostPull(operation: Operation, project: Project): readonly Diagnostic[] {
  if (operation.type !== 'pullImage' || operation.fallback !== undefined) return []
  const { reference, registryAnswer } = operation
  if (registryAnswer === undefined || registryAnswer === 'no answer') return []
  const cause = failure({
    code: 'IMAGE_NOT_FOUND',
    kind: 'notFound',
    summary: `image "${reference}" cannot be had: ${LOST[registryAnswer]}`,
  })
  return locateFailure(cause, operation, project).diagnostics
}

/** The same of a whole project that runs nowhere: of its enabled services, as the first `up` would start them. */
export async function foreseeProject(project: Project): Promise<readonly Diagnostic[]> {
  try {
    const plan = planUp(project, nothingBut(project), { build: 'always' })
    const { problems, warnings } = await foresee(plan, project, { machine: 'any' })
    return [...(plan.problems ?? []), ...problems, ...warnings]
  } catch (error) {
    if (error instanceof Failure) return error.diagnostics
    throw error
  }
}

/** What is there already by the project's own word: what is external, and all images. */
function nothingBut(project: Project): Observed {
  const { model } = project
  const external = <T extends { readonly external?: boolean }>(all: Readonly<Record<string, T>> = {}): T[] =>
    Object.values(all).filter(each => each.external === true)
  const base = { project: '', configHash: '', key: '', drift: [], containers: [] }
  return {
    project: project.name,
    containers: [],
    networks: external(model.networks).map(network => ({
      ...base,
      id: network.name,
      name: network.name,
      driver: 'bridge',
    })),
    volumes: external(model.volumes).map(volume => ({
      ...base,
      name: volume.name,
      driver: 'local',
      options: {},
    })),
    images: Object.fromEntries(
      imageReferences(project).map(reference => [reference, { id: '', digest: '', volumes: [], labels: {} }]),
    ),
  }
}

async function tryRequests(
  requests: readonly PlannedRequest[],
  standing: readonly NetworkCreateRequest[],
  machine: Foresight['machine'],
): Promise<FailedOperation[]> {
  if (requests.length === 0) return []
  const { Trial } = await import('../engine/trial/index.ts')
  const trial = new Trial(machine)
  // They are there: nobody refuses them any more, but what joins them may not fit.
  for (const network of standing) trial.network(network)
  const refusalsOf = (request: PlannedRequest): readonly Diagnostic[] => {
    switch (request.kind) {
      case 'network':
        return trial.network(request.body)
      case 'volume':
        return trial.volume(request.body)
      case 'container':
      case 'adaptation':
        return trial.container(request.body)
    }
  }
  return requests.flatMap(request =>
    refusalsOf(request).map(refusal => ({
      operation: request.operation,
      failure: new Failure('invalidArgument', [refusal]),
    })),
  )
}

/** Names of images that no registry could have. */
function wrongReferences(project: Project): Diagnostic[] {
  return Object.entries(project.model.services).flatMap(([name, { image }]) => {
    if (image === undefined) return []
    try {
      parseReference(image)
      return []
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      const path: Path = ['services', name, 'image']
      const range = project.origins.of(path)?.range
      return error.diagnostics.map(each => ({
        ...each,
        path: renderPath(path),
        ...(range === undefined ? {} : { range }),
      }))
    }
  })
}
