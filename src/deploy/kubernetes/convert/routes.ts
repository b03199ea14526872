import type { HttpRoute, Ingress } from '../objects/objects.ts'
import { compact, metadata, nameOf, type Subject } from './context.ts'
import type { PodGroup } from './groups.ts'
import { type PublishedPort, publishedPorts } from './ports.ts'
import { publishTo } from './services.ts'

/** Ingresses or HTTPRoutes, where ports are to be published so: one for each service, to its first port of TCP. */
export function routesOf({ members }: PodGroup): (Ingress | HttpRoute)[] {
  return members.flatMap(member => {
    const how = publishTo(member)
    if (how !== 'ingress' && how !== 'gateway') return []
    const ports = publishedPorts(member)
    const port = ports.find(({ protocol }) => protocol === 'TCP')
    for (const other of ports)
      if (other.port !== port?.port || other.protocol !== 'TCP') warnOfOther(member, other)
    if (port === undefined) return []
    const kind = how === 'ingress' ? 'Ingress' : 'HTTPRoute'
    member.context.notes.choose(
      port.path,
      `${kind} ${nameOf(member.context, member.name)}`,
      `HTTP is brought to port ${port.port}`,
    )
    return [how === 'ingress' ? ingressOf(member, port) : httpRouteOf(member, port)]
  })
}

function warnOfOther({ context }: Subject, { path, port, protocol }: PublishedPort): void {
  context.notes.warn(
    'KUBERNETES_PORT',
    path,
    `a route brings HTTP to one port alone: ${port}/${protocol.toLowerCase()} is not published`,
    'say x-tscompose-kubernetes: {publish: load-balancer}',
  )
}

function ingressOf({ context, name, service }: Subject, { port }: PublishedPort): Ingress {
  const { options } = context
  const own = service['x-tscompose-kubernetes']
  const host = own?.host ?? options.host
  const serviceName = nameOf(context, name)
  const backend = { service: { name: serviceName, port: { number: port } } }
  const tls = own?.tls_secret
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: metadata(context, serviceName, name),
    spec: compact({
      ingressClassName: own?.ingress_class ?? options.ingressClass,
      tls:
        tls === undefined
          ? undefined
          : [compact({ secretName: tls, hosts: host === undefined ? undefined : [host] })],
      rules: [
        compact({
          host,
          http: { paths: [{ path: own?.path ?? '/', pathType: 'Prefix' as const, backend }] },
        }),
      ],
    }),
  }
}

function httpRouteOf({ context, name, path, service }: Subject, { port }: PublishedPort): HttpRoute {
  const { options, notes } = context
  const own = service['x-tscompose-kubernetes']
  const host = own?.host ?? options.host
  const gateway = own?.gateway ?? options.gateway
  if (gateway === undefined)
    notes.warn(
      'KUBERNETES_PORT',
      path,
      'a route is part of a Gateway, and no one is named: "gateway" is written',
      'say x-tscompose-kubernetes: {gateway: NAMESPACE/NAME}, or --gateway',
    )
  const [gatewayName = '', namespace] = (gateway ?? 'gateway').split('/').reverse()
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: metadata(context, nameOf(context, name), name),
    spec: compact({
      parentRefs: [compact({ name: gatewayName, namespace })],
      hostnames: host === undefined ? undefined : [host],
      rules: [
        {
          matches: [{ path: { type: 'PathPrefix' as const, value: own?.path ?? '/' } }],
          backendRefs: [{ name: nameOf(context, name), port }],
        },
      ],
    }),
  }
}
