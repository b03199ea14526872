import { perService, type Rule } from '../rule.ts'

/** RESTART_IGNORED */
export const restartIgnored: Rule = {
  code: 'RESTART_IGNORED',
  severity: 'warning',
  about: 'deploy.restart_policy takes the place of restart, and without a condition restarts nothing',
  find: perService(function* ({ service, path }) {
    const policy = service.deploy?.restart_policy
    if (policy === undefined) return
    if (service.restart !== undefined)
      yield {
        path: [...path, 'restart'],
        summary: `restart: ${service.restart} has no effect: deploy.restart_policy counts`,
        hint: 'keep one of the two',
      }
    if (policy.condition === undefined)
      yield {
        path: [...path, 'deploy', 'restart_policy'],
        summary: 'without a condition the container is never restarted, by tscompose as by Docker Compose',
        hint: 'add condition: any or on-failure',
      }
  }),
}
