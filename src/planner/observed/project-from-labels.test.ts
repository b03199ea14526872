import { describe, expect, it } from 'vitest'
import { planDown, planStop, projectFromLabels } from '../index.ts'
import { steps, WORLD } from '../testing/running-project.ts'
import { simulate } from '../testing/simulate.ts'

describe('a project without its file', () => {
  it('is known by its labels well enough to be stopped in order and taken down', () => {
    const project = projectFromLabels(WORLD)
    expect(Object.keys(project.model.services)).toEqual(['app', 'db', 'web'])
    expect(steps(planStop(project, WORLD))).toEqual(['web-1:stop', 'app-1:stop', 'db-1:stop'])
    expect(simulate(planDown(project, WORLD, { volumes: true }), WORLD)).toMatchObject({
      containers: [],
      networks: [],
      volumes: [],
    })
  })
})
