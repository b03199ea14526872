import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { Failure } from '../diagnostics/index.ts'
import type { Service } from '../model/index.ts'
import { type Observed, planUp } from '../planner/index.ts'
import { makeProject } from '../planner/testing/projects.ts'
import { emptyWorld, imageOf, simulate } from '../planner/testing/simulate.ts'
import { planAsSaved, readSavedPlan, savedPlanOf, writeSavedPlan } from './saved-plan.ts'

const folder = mkdtempSync(join(tmpdir(), 'tsc-saved-plan-'))
afterAll(() => rmSync(folder, { recursive: true }))
const path = join(folder, 'plan.json')

const project = (web: Partial<Service>) => makeProject({ services: { web } })
const EMPTY = emptyWorld('lamp', { 'example/web': imageOf('web') })
const WORLD = simulate(planUp(project({}), EMPTY), EMPTY)
const WANTED = { environment: { PASSWORD: 'hush-hush' } }
const OPTIONS = { now: 5, scale: { web: 2 } }

/** Kept in a file and read again. */
async function kept() {
  await writeSavedPlan(path, savedPlanOf(planUp(project(WANTED), WORLD, OPTIONS), WORLD, OPTIONS))
  return readSavedPlan(path)
}

async function refusals(web: Partial<Service>, world: Observed): Promise<readonly string[]> {
  const saved = await kept()
  try {
    planAsSaved(project(web), world, saved)
    return []
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    expect(new Set(error.diagnostics.map(({ code }) => code))).toEqual(new Set(['PLAN_MOVED']))
    return error.diagnostics.map(({ summary }) => summary.replace('the plan is of another state: ', ''))
  }
}

const [FIRST] = WORLD.containers
const withFirst = (change: object): Observed => ({
  ...WORLD,
  containers: WORLD.containers.map(each => (each === FIRST ? { ...each, ...change } : each)),
})

describe('a plan that was saved', () => {
  test('is the very same one again, by its own options', async () => {
    expect(planAsSaved(project(WANTED), WORLD, await kept())).toEqual(planUp(project(WANTED), WORLD, OPTIONS))
  })

  test('is for its owner alone, and has no secret in it', async () => {
    await kept()
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readFileSync(path, 'utf8')).not.toContain('hush')
  })

  test.each<[string, Observed, string[]]>([
    [
      'a container that has stopped',
      withFirst({ state: 'exited' }),
      ['container lamp-web-1 is another (state)'],
    ],
    ['one that is gone', { ...WORLD, containers: [] }, ['container lamp-web-1 is gone']],
    [
      'a network that has come',
      {
        ...WORLD,
        networks: [...WORLD.networks, { ...WORLD.networks[0], name: 'x' } as Observed['networks'][number]],
      },
      ['network x is new'],
    ],
    [
      'another image',
      { ...WORLD, images: { 'example/web': imageOf('other') } },
      ['image example/web is another'],
    ],
  ])('is refused, and says so: %s', async (_, world, told) => {
    expect(await refusals(WANTED, world)).toEqual(told)
  })

  test('is refused where the file wants something else now, be it another secret', async () => {
    const [told] = await refusals({ environment: { PASSWORD: 'hush-hash' } }, WORLD)
    expect(told).toMatch(/^operation container:lamp-web-1:create is another/)
  })

  test('is not of another state because a container is healthy by now', async () => {
    expect(await refusals(WANTED, withFirst({ health: 'healthy' }))).toEqual([])
  })

  test.each([
    ['no JSON', '{'],
    ['another version', JSON.stringify({ version: 2 })],
    ['a plan that was printed', JSON.stringify({ version: 1, project: 'lamp', operations: [] })],
  ])('is none: %s', (_, text) => {
    writeFileSync(path, text)
    expect(() => readSavedPlan(path)).toThrow(expect.objectContaining({ code: 'PLAN_FILE_INVALID' }))
  })

  test('is none that has no end, and none with options of another shape', async () => {
    const invalid = expect.objectContaining({ code: 'PLAN_FILE_INVALID' })
    expect(() => readSavedPlan('/dev/zero')).toThrow(invalid)
    const saved = await kept()
    writeFileSync(path, JSON.stringify({ ...saved, options: { services: { a: 1 } } }))
    expect(() => readSavedPlan(path)).toThrow(invalid)
  })
})
