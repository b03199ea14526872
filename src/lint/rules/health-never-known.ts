import { isSwitchedOff } from '../facts/health.ts'
import { perService, type Rule } from '../rule.ts'

/** HEALTH_NEVER_KNOWN */
export const healthNeverKnown: Rule = {
  code: 'HEALTH_NEVER_KNOWN',
  severity: 'warning',
  about: 'A service waits for the health of one whose health check is switched off',
  find: perService(function* ({ project, service, path }) {
    for (const [target, { condition }] of Object.entries(service.depends_on ?? {})) {
      const { healthcheck: health, 'x-tscompose': own } = project.model.services[target] ?? {}
      if (own?.probe !== undefined) continue
      if (condition !== 'service_healthy' || health === undefined || !isSwitchedOff(health)) continue
      yield {
        path: [...path, 'depends_on', target, 'condition'],
        summary: `"${target}" never becomes healthy: its health check is switched off`,
        hint: `give "${target}" a health check, or write condition: service_started`,
      }
    }
  }),
}
