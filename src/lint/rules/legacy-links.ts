import { perService, type Rule } from '../rule.ts'

/** LEGACY_LINKS */
export const legacyLinks: Rule = {
  code: 'LEGACY_LINKS',
  severity: 'note',
  about: 'links: is a relic: services of one network know each other by name',
  find: perService(function* ({ service, path }) {
    if (!service.links?.length) return
    yield {
      path: [...path, 'links'],
      summary: 'services of one network reach each other by name without links',
      hint: 'write depends_on for the order of the start, networks.NAME.aliases for further names',
    }
  }),
}
