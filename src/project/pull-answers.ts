import { setMaxListeners } from 'node:events'
import { Failure } from '../diagnostics/index.ts'
import { releaseOf } from '../image/bootstrap/distribution.ts'
import { FewAtOnce } from '../linux/few-at-once.ts'
import { parseReference, type Reference } from '../oci/reference.ts'
import type { Operation, Plan, PullAnswer } from '../planner/index.ts'
import { type Environment, isForeign } from './target.ts'

/** Asks a registry whether it has an image; rejects with what it says, or the way to it. */
export type PullQuestion = (reference: Reference, signal: AbortSignal) => Promise<unknown>

export interface Asking {
  /** Default: by the distribution API, as `docker login` has left it. */
  readonly ask?: PullQuestion
  /** Milliseconds for all answers together. */
  readonly within?: number
}

/** Who looks at a plan does not wait longer for registries. */
const WITHIN = 2000

/** Registries take some dozens of questions at once from one client, and answer hundreds a second. */
const AT_ONCE = 64

const ANSWERS: ReadonlyMap<string, PullAnswer> = new Map([
  ['REGISTRY_NOT_FOUND', 'not found'],
  ['REGISTRY_UNAUTHORIZED', 'access denied'],
  // registries.conf denies it here.
  ['REGISTRY_BLOCKED', 'access denied'],
  ['REGISTRY_UNREACHABLE', 'unreachable'],
])

/**
 * A plan to be shown, which tells of each pull what its registry says against it. They are asked side by side, and none can make
 * this fail: of those that nobody came to in time is told what is told of the silent. A Docker Engine pulls by means of its own, so that for one nobody is asked.
 */
export async function withPullAnswers(plan: Plan, env: Environment, asking: Asking = {}): Promise<Plan> {
  const isPlain = plan.operations.every(({ type }) => type !== 'pullImage')
  if (isPlain || isForeign(env)) return plan
  const { ask = pullQuestion(env), within = WITHIN } = asking
  const done = new AbortController()
  // Each question listens to it, and all its connections do.
  setMaxListeners(0, done.signal)
  const few = new FewAtOnce(AT_ONCE)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>(resolve => {
    timer = setTimeout(resolve, within)
  })
  const question = (reference: Reference): Promise<unknown> =>
    few.run(async () => (done.signal.aborted ? undefined : ask(reference, done.signal)))
  try {
    const operations = await Promise.all(
      plan.operations.map(operation => withAnswer(operation, question, late)),
    )
    return { ...plan, operations }
  } finally {
    clearTimeout(timer)
    done.abort()
  }
}

async function withAnswer(
  operation: Operation,
  question: (reference: Reference) => Promise<unknown>,
  late: Promise<void>,
): Promise<Operation> {
  if (operation.type !== 'pullImage') return operation
  const reference = referenceOf(operation.reference)
  if (reference === undefined) return operation
  const registryAnswer = await Promise.race([answerOf(question(reference)), late.then(() => NO_ANSWER)])
  if (registryAnswer === undefined || isMadeInstead(reference, registryAnswer)) return operation
  return { ...operation, registryAnswer }
}

const NO_ANSWER: PullAnswer = 'no answer'

/** What is said against a pull; undefined: nothing. Of what else goes wrong on the way the pull itself will tell. */
function answerOf(asked: Promise<unknown>): Promise<PullAnswer | undefined> {
  return asked.then(
    () => undefined,
    error => (error instanceof Failure ? ANSWERS.get(error.code) : undefined) ?? NO_ANSWER,
  )
}

/** Whether the engine makes the image from an archive: only where no registry has said no. */
function isMadeInstead(reference: Reference, answer: PullAnswer): boolean {
  return (answer === 'unreachable' || answer === 'no answer') && releaseOf(reference) !== undefined
}

/** Undefined for what is no reference: no registry is to blame for that. */
function referenceOf(text: string): Reference | undefined {
  try {
    return parseReference(text)
  } catch (error) {
    if (error instanceof Failure) return undefined
    throw error
  }
}

/** The client is loaded at the first question, and asks each registry once: waiting for a busy one has no time here. */
export function pullQuestion(env: Environment): PullQuestion {
  const open = async (signal: AbortSignal) => {
    const [{ readSettings, RegistryClient }, { dockerCredentials }, { lookupUntil }] = await Promise.all([
      import('../image/registry/index.ts'),
      import('../oci/credentials.ts'),
      import('../linux/name-lookup.ts'),
    ])
    return new RegistryClient({
      credentials: domain => dockerCredentials(domain, env, signal),
      settings: await readSettings(undefined, env),
      patience: { attempts: 1, wait: async () => undefined },
      signal,
      lookup: lookupUntil(signal),
    })
  }
  let opening: ReturnType<typeof open> | undefined
  return async (reference, signal) => {
    opening ??= open(signal)
    return (await opening).resolve(reference)
  }
}
