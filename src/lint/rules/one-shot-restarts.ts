import type { Service } from '../../model/index.ts'
import { perService, type Rule } from '../rule.ts'

/** ONE_SHOT_RESTARTS */
export const oneShotRestarts: Rule = {
  code: 'ONE_SHOT_RESTARTS',
  severity: 'warning',
  about: 'A service is to finish before another one starts, and is restarted whenever it does',
  find: perService(function* ({ project, service, path }) {
    for (const [target, { condition }] of Object.entries(service.depends_on ?? {})) {
      const other = project.model.services[target]
      if (condition !== 'service_completed_successfully' || !other || !restartsAlways(other)) continue
      yield {
        path: [...path, 'depends_on', target, 'condition'],
        summary: `"${target}" runs again and again: it is restarted after each success`,
        hint: `give "${target}" restart: "no", or on-failure to repeat what failed`,
      }
    }
  }),
}

function restartsAlways({ restart, deploy }: Service): boolean {
  const policy = deploy?.restart_policy
  return policy ? policy.condition === 'any' : restart === 'always' || restart === 'unless-stopped'
}
