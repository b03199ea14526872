import { perService, type Rule } from '../rule.ts'

/** Everything, and what belongs to people. */
const WIDE = /^(?:\/|\/home|\/home\/[^/]+|\/root|\/Users|\/Users\/[^/]+)$/
/** What the host itself runs on: harmless to look at, not to write to. */
const SYSTEM = /^\/(?:bin|boot|dev|etc|lib|lib64|proc|run|sbin|sys|usr|var|var\/lib|var\/run)$/

/** WIDE_BIND */
export const wideBind: Rule = {
  code: 'WIDE_BIND',
  severity: 'warning',
  about: 'A service gets the whole file system, a home folder, or a folder of the system to write to',
  find: perService(function* ({ project, service, path }) {
    for (const [index, { type, source = '', read_only: readOnly }] of (service.volumes ?? []).entries()) {
      if (type !== 'bind') continue
      const isWide = WIDE.test(source) || source === project.environment['HOME']
      if (!isWide && (readOnly || !SYSTEM.test(source))) continue
      yield {
        path: [...path, 'volumes', index],
        summary: readOnly
          ? `the service reads everything in "${source}", keys and passwords included`
          : `the service may change everything in "${source}"`,
        hint: 'mount the folders that it needs, read-only where it only reads',
      }
    }
  }),
}
