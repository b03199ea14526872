import { at, isMap, isSame, type Json, type JsonMap, put } from './json.ts'

/** What a server puts in where nothing is said, as far as the tests look at it. */
export function withDefaults(object: JsonMap): JsonMap {
  const kind = String(object['kind'])
  switch (kind) {
    case 'Deployment':
      return withPod(
        fill(object, ['spec'], {
          replicas: 1,
          progressDeadlineSeconds: 600,
          revisionHistoryLimit: 10,
          strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
        }),
      )
    case 'StatefulSet':
      return withPod(
        fill(object, ['spec'], {
          replicas: 1,
          podManagementPolicy: 'OrderedReady',
          revisionHistoryLimit: 10,
        }),
      )
    case 'DaemonSet':
    case 'Job':
      return withPod(object)
    case 'Service': {
      const address = at(object, 'spec', 'clusterIP') ?? '10.96.0.10'
      const filled = fill(object, ['spec'], {
        type: 'ClusterIP',
        sessionAffinity: 'None',
        clusterIP: address,
      })
      return filled
    }
    case 'PersistentVolumeClaim':
      return fill(object, ['spec'], { volumeMode: 'Filesystem', storageClassName: 'standard' })
    case 'Namespace':
      return fill(object, ['status'], { phase: 'Active' })
    default:
      return object
  }
}

function fill(object: JsonMap, path: readonly string[], values: JsonMap): JsonMap {
  const there = at(object, ...path)
  return put(object, path, { ...values, ...(isMap(there) ? there : {}) })
}

function withPod(object: JsonMap): JsonMap {
  const path = ['spec', 'template', 'spec']
  const filled = fill(object, path, {
    restartPolicy: 'Always',
    dnsPolicy: 'ClusterFirst',
    schedulerName: 'default-scheduler',
    terminationGracePeriodSeconds: 30,
    securityContext: {},
  })
  const containers = at(filled, ...path, 'containers')
  const full = (Array.isArray(containers) ? (containers as readonly Json[]) : []).map(each =>
    isMap(each)
      ? {
          imagePullPolicy: 'IfNotPresent',
          terminationMessagePath: '/dev/termination-log',
          resources: {},
          ...each,
        }
      : each,
  )
  return put(filled, [...path, 'containers'], full)
}

/** Fields that a server never changes, by kind. */
const FIXED: Readonly<Record<string, readonly (readonly string[])[]>> = {
  Deployment: [['spec', 'selector']],
  StatefulSet: [
    ['spec', 'selector'],
    ['spec', 'serviceName'],
  ],
  DaemonSet: [['spec', 'selector']],
  Job: [
    ['spec', 'template'],
    ['spec', 'completions'],
  ],
  RoleBinding: [['roleRef']],
  PersistentVolumeClaim: [
    ['spec', 'accessModes'],
    ['spec', 'storageClassName'],
  ],
  Service: [['spec', 'clusterIP']],
}

/** What is wrong with an object; undefined where nothing. */
export function refusalOf(before: JsonMap | undefined, after: JsonMap): string | undefined {
  const [kind, name] = [String(after['kind']), String(at(after, 'metadata', 'name'))]
  const template = at(after, 'spec', 'template', 'spec', 'containers')
  if (Array.isArray(template) && template.some(each => typeof at(each as Json, 'image') !== 'string'))
    return `${kind} "${name}" is invalid: spec.template.spec.containers[0].image: Required value`
  const fixed = (FIXED[kind] ?? []).find(
    path => before !== undefined && !isSame(at(before, ...path), at(after, ...path)),
  )
  return fixed && `${kind} "${name}" is invalid: ${fixed.join('.')}: Invalid value: field is immutable`
}
