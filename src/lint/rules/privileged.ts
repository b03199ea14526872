import { perService, type Rule } from '../rule.ts'

/** PRIVILEGED */
export const privileged: Rule = {
  code: 'PRIVILEGED',
  severity: 'warning',
  about: 'A container has all privileges and devices of the host',
  find: perService(function* ({ service, path }) {
    if (service.privileged !== true) return
    yield {
      path: [...path, 'privileged'],
      summary: 'what breaks out of this container, or is let into it, owns the host',
      hint: 'name what it needs: cap_add, devices, sysctls',
    }
  }),
}
