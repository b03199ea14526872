import type { Service } from '../../model/index.ts'
import { hasCheck } from '../facts/health.ts'
import { perService, type Rule, type Subject } from '../rule.ts'

/** START_RACE */
export const startRace: Rule = {
  code: 'START_RACE',
  severity: 'warning',
  about: 'A service waits for the start of one that has a health check, and not for its health',
  find: perService(function* (subject) {
    const { project, service, path } = subject
    for (const [target, { condition }] of Object.entries(service.depends_on ?? {})) {
      if (condition !== 'service_started' || !hasCheck(project.model.services[target])) continue
      if (sharesWith(service, target) || isSaidOutright(subject, target)) continue
      yield {
        path: [...path, 'depends_on', target],
        summary: `"${target}" may not answer yet when this service starts, though it has a health check`,
        hint: `write ${target}: {condition: service_healthy} below depends_on`,
      }
    }
  }),
}

/** Namespaces and mounts need no healthy service: those edges are made of other attributes. */
function sharesWith(service: Service, target: string): boolean {
  const { network_mode: network, ipc, pid, uts, volumes_from: mounts = [] } = service
  return (
    [network, ipc, pid, uts].includes(`service:${target}`) ||
    mounts.some(mount => mount.split(':', 1)[0] === target)
  )
}

/** True for `condition: service_started` as it is written: who writes it means it. A name in a list says nothing of it. */
function isSaidOutright({ path, project }: Subject, target: string): boolean {
  const origin = project.origins.of([...path, 'depends_on', target, 'condition'])
  return origin !== undefined && origin.rule === undefined
}
