import { describe, expect, it } from 'vitest'
import { Failure } from '../../diagnostics/index.ts'
import type { Service } from '../../model/index.ts'
import { planUp } from '../index.ts'
import { makeProject } from '../testing/projects.ts'
import { emptyWorld } from '../testing/simulate.ts'

function problems(service: Partial<Service>): string[] {
  try {
    planUp(makeProject({ services: { web: service } }), emptyWorld())
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return error.diagnostics.map(({ code, path }) => `${code} ${path}`)
  }
  return []
}

const policy = (condition?: string, attempts?: number): Partial<Service> => ({
  deploy: {
    restart_policy: {
      ...(condition === undefined ? {} : { condition }),
      ...(attempts === undefined ? {} : { max_attempts: attempts }),
    },
  },
})

describe('up', () => {
  it.each([
    'no',
    'always',
    'unless-stopped',
    'on-failure',
    'on-failure:3',
    'none',
    'any',
    '',
    'always:',
  ])('takes restart: "%s"', restart => expect(problems({ restart })).toEqual([]))

  it.each([
    'sometimes',
    'Always',
    ' always',
    'unless-stoped',
    'always:3',
    'no:2',
    'on-failure:x',
    'on-failure:-1',
  ])('refuses restart: "%s"', restart =>
    expect(problems({ restart })).toEqual(['RESTART_INVALID services.web.restart']))

  it('takes and refuses the policies of deploy, which stand in place of restart', () => {
    for (const right of [
      policy(),
      policy('any'),
      policy('on-failure', 3),
      policy('none', 0),
      policy('always'),
    ])
      expect(problems({ restart: 'always', ...right })).toEqual([])
    const at = (key: string): string[] => [`RESTART_INVALID services.web.deploy.restart_policy.${key}`]
    expect(problems(policy('sometimes'))).toEqual(at('condition'))
    expect(problems(policy('on-failure:3'))).toEqual(at('condition'))
    for (const condition of ['any', 'none', 'unless-stopped', undefined])
      expect(problems(policy(condition, 3))).toEqual(at('max_attempts'))
  })

  it('refuses what Linux has not, and tells all at once', () => {
    const volumes = (propagation: string): Partial<Service> => ({
      volumes: [{ type: 'bind', source: '/a', target: '/a', bind: { propagation } }],
    })
    expect(problems({ isolation: 'default', ...volumes('rslave') })).toEqual([])
    expect(problems({ isolation: 'hyperv', restart: 'x', ...volumes('all') })).toEqual([
      'RESTART_INVALID services.web.restart',
      'ISOLATION_INVALID services.web.isolation',
      'PROPAGATION_INVALID services.web.volumes[0].bind.propagation',
    ])
  })

  it('refuses a number of replicas for a service that is not there, or not selected', () => {
    const project = makeProject({ services: { web: {} }, disabled: { other: { profiles: ['p'] } } })
    const code = (name: string): unknown => expect.objectContaining({ code: name })
    expect(() => planUp(project, emptyWorld(), { scale: { nope: 3 } })).toThrow(code('SERVICE_NOT_FOUND'))
    expect(() => planUp(project, emptyWorld(), { scale: { other: 3 } })).toThrow(code('SERVICE_DISABLED'))
    expect(planUp(project, emptyWorld(), { scale: { web: 0 } }).operations).not.toEqual([])
  })
})
