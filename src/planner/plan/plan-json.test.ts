import { describe, expect, it } from 'vitest'
import { planToJson, planUp } from '../index.ts'
import { makeProject } from '../testing/projects.ts'
import { EMPTY } from '../testing/running-project.ts'

describe('a plan for programs', () => {
  it('says what is done and why, and nothing of the environment', () => {
    const secret = makeProject({ services: { db: { environment: { DB_PASSWORD: 'hush' } } } })
    const json = planToJson(planUp(secret, EMPTY))
    expect(json).toMatchObject({
      version: 1,
      project: 'lamp',
      operations: expect.arrayContaining([
        expect.objectContaining({
          id: 'container:lamp-db-1:create',
          type: 'createContainer',
          action: 'create',
          resource: { kind: 'container', name: 'lamp-db-1' },
          image: 'example/db',
        }),
      ]),
    })
    expect(JSON.stringify(json)).not.toContain('hush')
  })
})
