import { describe, expect, test } from 'vitest'
import { failure } from '../diagnostics/index.ts'
import { canonicalReference } from '../oci/reference.ts'
import { type Plan, type PullImage, planToJson, renderPlan } from '../planner/index.ts'
import { type Asking, type PullQuestion, withPullAnswers } from './pull-answers.ts'

function pullOf(reference: string): PullImage {
  return {
    type: 'pullImage',
    id: `image:${reference}:pull`,
    after: [],
    resource: { kind: 'image', name: reference },
    action: 'pull',
    cause: 'image is missing',
    changes: [],
    reference,
  }
}

function planOf(...references: string[]): Plan {
  return { project: 'p', operations: references.map(pullOf), warnings: [], divergedVolumes: [] }
}

const refusing =
  (code: string): PullQuestion =>
  async () => {
    throw failure({ code, summary: 'no' })
  }

async function answers(plan: Plan, asking: Asking, env = {}): Promise<unknown[]> {
  const { operations } = await withPullAnswers(plan, env, asking)
  return operations.map(operation => (operation as PullImage).registryAnswer)
}

describe('what registries say of pulls', () => {
  test.each([
    ['REGISTRY_NOT_FOUND', 'not found'],
    ['REGISTRY_UNAUTHORIZED', 'access denied'],
    ['REGISTRY_BLOCKED', 'access denied'],
    ['REGISTRY_UNREACHABLE', 'unreachable'],
    ['REGISTRY_BUSY', 'no answer'],
    ['REGISTRY_ANSWER', 'no answer'],
  ])('%s is "%s", to people and to programs', async (code, said) => {
    const plan = await withPullAnswers(planOf('example/app'), {}, { ask: refusing(code) })
    expect(planToJson(plan)).toMatchObject({ operations: [{ registryAnswer: said }] })
    const words = said === 'no answer' ? 'its registry gives no answer' : `cannot be had: ${said}`
    expect(renderPlan(plan)).toBe(`+ image example/app  image is missing, ${words}  (pull)\n`)
  })

  test('what can be had is planned as it was', async () => {
    const plan = planOf('example/app')
    expect(await withPullAnswers(plan, {}, { ask: async () => 'sha256' })).toEqual(plan)
  })

  test('all are asked at once, and who is silent keeps nobody from answering, nor us waiting', async () => {
    const asked: string[] = []
    let ended: AbortSignal | undefined
    const ask: PullQuestion = (reference, signal) => {
      asked.push(canonicalReference(reference))
      ended = signal
      if (reference.path === 'slow') return new Promise(() => undefined)
      // The first answer waits for the last question.
      return reference.path === 'none' ? untilAsked(asked, 3) : Promise.resolve()
    }
    const plan = planOf('r.test/none', 'r.test/slow', 'r.test/fine')
    expect(await answers(plan, { ask, within: 50 })).toEqual(['not found', 'no answer', undefined])
    expect(ended?.aborted).toBe(true)
  })

  test('of thousands no more than some dozens are asked at once, each in its turn, and no warning comes of it', async () => {
    let running = 0
    let most = 0
    const warnings: Error[] = []
    const warned = (warning: Error): number => warnings.push(warning)
    process.on('warning', warned)
    const ask: PullQuestion = async (_, signal) => {
      signal.addEventListener('abort', () => undefined)
      running += 1
      most = Math.max(most, running)
      await new Promise(resolve => setImmediate(resolve))
      running -= 1
    }
    const plan = planOf(...Array.from({ length: 2000 }, (_value, at) => `r.test/i${at}`))
    expect(new Set(await answers(plan, { ask, within: 30_000 }))).toEqual(new Set([undefined]))
    expect(most).toBe(64)
    process.off('warning', warned)
    expect(warnings).toEqual([])
  })

  test('what goes wrong on the way fails nothing', async () => {
    const ask: PullQuestion = async () => {
      throw new SyntaxError('a credential tool that talks nonsense')
    }
    expect(await answers(planOf('example/app'), { ask })).toEqual(['no answer'])
  })

  test.each([
    ['REGISTRY_UNREACHABLE', undefined],
    ['REGISTRY_BUSY', undefined],
    ['REGISTRY_NOT_FOUND', 'not found'],
    ['REGISTRY_UNAUTHORIZED', 'access denied'],
  ])('%s of a release that an archive has: %s', async (code, said) => {
    const all = await answers(planOf('debian:bookworm', 'ubuntu'), { ask: refusing(code) })
    expect(all).toEqual([said, said])
  })

  test('no archive stands in for a tag or a registry that it does not know', async () => {
    const all = await answers(planOf('debian:none', 'r.test/debian'), {
      ask: refusing('REGISTRY_UNREACHABLE'),
    })
    expect(all).toEqual(['unreachable', 'unreachable'])
  })

  test('a name that is none, a plan without pulls and a Docker Engine ask nobody', async () => {
    const ask: PullQuestion = async () => expect.unreachable()
    expect(await answers(planOf('BAD'), { ask })).toEqual([undefined])
    expect(await answers(planOf(), { ask })).toEqual([])
    const env = { DOCKER_HOST: 'unix:///run/docker.sock' }
    expect(await answers(planOf('example/app'), { ask }, env)).toEqual([undefined])
  })
})

async function untilAsked(asked: readonly string[], count: number): Promise<never> {
  while (asked.length < count) await new Promise(setImmediate)
  throw failure({ code: 'REGISTRY_NOT_FOUND', summary: 'no' })
}
