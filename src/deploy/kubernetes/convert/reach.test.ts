// By which names and ports services are reached, and by whom.
import { describe, expect, test } from 'vitest'
import { convertText, lossesOf, namesOf, objectNamed } from '../convert-text.test-support.ts'

const PORT_80 = { name: 'tcp-80', port: 80, targetPort: 80, protocol: 'TCP' }

describe('the name of a service', () => {
  test('leads to its ports', () => {
    const conversion = convertText(
      'services: {web: {image: x, ports: ["8080:80"], expose: ["9000-9001/udp"]}}',
    )
    expect(objectNamed(conversion, 'Service', 'web').spec.ports).toEqual([
      PORT_80,
      { name: 'udp-9000', port: 9000, targetPort: 9000, protocol: 'UDP' },
      { name: 'udp-9001', port: 9001, targetPort: 9001, protocol: 'UDP' },
    ])
  })

  test('leads to its pods where the file names no port, or wants no address of its own', () => {
    const text = 'services: {a: {image: x}, b: {image: x, expose: ["80"], deploy: {endpoint_mode: dnsrr}}}'
    const { spec } = objectNamed(convertText(text), 'Service', 'a')
    expect(spec).toEqual({
      clusterIP: 'None',
      selector: { 'app.kubernetes.io/part-of': 'shop', 'app.kubernetes.io/name': 'a' },
    })
    expect(objectNamed(convertText(text), 'Service', 'b').spec).toMatchObject({
      clusterIP: 'None',
      ports: [PORT_80],
    })
  })

  test('that Kubernetes does not take is another one, and told', () => {
    const conversion = convertText('services:\n  my_db: {image: x}\n  my.db: {image: x}\n')
    expect(lossesOf(conversion).toSorted()).toEqual([
      'KUBERNETES_NAME 2 services.my_db',
      'KUBERNETES_NAME 3 services.my.db',
    ])
    expect(new Set(namesOf(conversion)).size).toBe(namesOf(conversion).length)
  })

  test('is not the only one: aliases, container_name and links are Services, too', () => {
    const conversion = convertText(`services:
  web: {image: x, links: ["db:mysql"]}
  db: {image: x, container_name: shop-db, expose: ["3306"], networks: {default: {aliases: [database, "db.example.org", shared]}}}
  other: {image: x, networks: {default: {aliases: [shared]}}}
`)
    for (const name of ['mysql', 'shop-db', 'database'])
      expect(objectNamed(conversion, 'Service', name).spec.selector).toMatchObject({
        'app.kubernetes.io/name': 'db',
      })
    expect(lossesOf(conversion).map(loss => loss.split(' ', 2))).toEqual([
      ['KUBERNETES_NAME', '3'],
      ['KUBERNETES_NAME', '3'],
      ['KUBERNETES_NAME', '4'],
    ])
  })
})

describe('a published port', () => {
  const published = (ports: string, options = {}): unknown =>
    objectNamed(
      convertText(`services: {web: {image: x, ports: [${ports}]}}`, options),
      'Service',
      'web-published',
    ).spec

  test('is a load balancer’s, with several protocols on one', () => {
    expect(published('"53:5353/udp", "53:5353", "9999"')).toMatchObject({
      type: 'LoadBalancer',
      ports: [
        { name: 'udp-53', port: 53, targetPort: 5353, protocol: 'UDP' },
        { name: 'tcp-53', port: 53, targetPort: 5353, protocol: 'TCP' },
        { name: 'tcp-9999', port: 9999, targetPort: 9999, protocol: 'TCP' },
      ],
    })
  })

  test('of a range is one of each pair', () => {
    expect(published('"3000-3001:80-81"')).toMatchObject({
      ports: [
        { port: 3000, targetPort: 80 },
        { port: 3001, targetPort: 81 },
      ],
    })
  })

  test('is a node’s where it may be', () => {
    expect(published('"30080:80"', { publish: 'node-port' })).toMatchObject({
      type: 'NodePort',
      ports: [{ port: 30080, nodePort: 30080 }],
    })
    const conversion = convertText('services:\n  web:\n    image: x\n    ports:\n      - "80:80"\n', {
      publish: 'node-port',
    })
    expect(lossesOf(conversion)).toEqual(['KUBERNETES_PORT 5 services.web.ports[0]'])
  })

  test.each([
    ['of this machine alone is none', '"127.0.0.1:80:80"', []],
    [
      'of one address is one of all, and told',
      '"192.0.2.1:80:80"',
      ['KUBERNETES_PORT 1 services.web.ports[0]'],
    ],
    [
      'of which a free one is looked for is the first, and told',
      '"8000-8009:80"',
      ['KUBERNETES_PORT 1 services.web.ports[0]'],
    ],
  ])('%s', (_, ports, losses) => {
    const conversion = convertText(`services: {web: {image: x, ports: [${ports}]}}`)
    expect(lossesOf(conversion)).toEqual(losses)
    expect(namesOf(conversion).includes('Service web-published')).toBe(losses.length > 0)
  })

  test('is an Ingress’s', () => {
    const conversion = convertText(
      'services: {web: {image: x, ports: ["80:8080", "53:53/udp"], x-tscompose-kubernetes: {host: shop.example, path: /a, tls_secret: cert}}}',
      { publish: 'ingress', ingressClass: 'nginx' },
    )
    expect(objectNamed(conversion, 'Ingress', 'web').spec).toEqual({
      ingressClassName: 'nginx',
      tls: [{ secretName: 'cert', hosts: ['shop.example'] }],
      rules: [
        {
          host: 'shop.example',
          http: {
            paths: [
              {
                path: '/a',
                pathType: 'Prefix',
                backend: { service: { name: 'web', port: { number: 8080 } } },
              },
            ],
          },
        },
      ],
    })
    expect(lossesOf(conversion)).toEqual(['KUBERNETES_PORT 1 services.web.ports[1]'])
    expect(namesOf(conversion)).not.toContain('Service web-published')
  })

  test('is a route of a Gateway', () => {
    const conversion = convertText('services: {web: {image: x, ports: ["80"]}}', {
      publish: 'gateway',
      gateway: 'infra/main',
      host: 'a.example',
    })
    expect(objectNamed(conversion, 'HTTPRoute', 'web').spec).toEqual({
      parentRefs: [{ name: 'main', namespace: 'infra' }],
      hostnames: ['a.example'],
      rules: [
        { matches: [{ path: { type: 'PathPrefix', value: '/' } }], backendRefs: [{ name: 'web', port: 80 }] },
      ],
    })
  })
})

describe('networks', () => {
  const TEXT = `services:
  web: {image: x, ports: ["80:80"], networks: [front, back]}
  db: {image: x, networks: [back]}
  lonely: {image: x, network_mode: none}
networks: {front: , back: {internal: true}}
`
  const conversion = convertText(TEXT)

  test('are kept apart: their pods reach each other, and nobody else does', () => {
    const matchLabels = { 'app.kubernetes.io/part-of': 'shop', 'tscompose/network.shop-back': 'true' }
    expect(objectNamed(conversion, 'NetworkPolicy', 'shop-back').spec).toEqual({
      podSelector: { matchLabels },
      policyTypes: ['Ingress'],
      ingress: [{ from: [{ podSelector: { matchLabels } }] }],
    })
    const { labels } = objectNamed(conversion, 'Deployment', 'web').spec.template.metadata
    expect(Object.keys(labels).filter(label => label.startsWith('tscompose/network.'))).toEqual([
      'tscompose/network.shop-back',
      'tscompose/network.shop-front',
    ])
  })

  test('that are internal have no way out but to themselves and to names', () => {
    const { egress = [] } = objectNamed(conversion, 'NetworkPolicy', 'db-egress').spec
    expect(egress.map(({ to = [] }) => to.length)).toEqual([1, 0])
    expect(namesOf(conversion)).not.toContain('NetworkPolicy web-egress')
  })

  test('let everybody to published ports', () => {
    expect(objectNamed(conversion, 'NetworkPolicy', 'web-published').spec.ingress).toEqual([
      { ports: [{ protocol: 'TCP', port: 80 }] },
    ])
  })

  test('of which a service has none let nobody in or out', () => {
    expect(objectNamed(conversion, 'NetworkPolicy', 'lonely-alone').spec).toMatchObject({
      ingress: [],
      policyTypes: ['Ingress', 'Egress'],
    })
    expect(namesOf(conversion)).not.toContain('Service lonely')
  })

  test('are not kept apart where nobody wants it', () => {
    const names = namesOf(convertText(TEXT, { networkPolicies: false }))
    expect(names.filter(name => name.startsWith('NetworkPolicy'))).toEqual([])
  })

  test('that other projects join are joined from all namespaces', () => {
    const { spec } = objectNamed(
      convertText('services: {a: {image: x, networks: [n]}}\nnetworks: {n: {external: true, name: proxy}}'),
      'NetworkPolicy',
      'proxy',
    )
    expect(spec.podSelector).toEqual({ matchLabels: { 'tscompose/network.proxy': 'true' } })
    expect(spec.ingress?.[0]?.from?.[0]?.namespaceSelector).toEqual({})
  })

  test('are left for addresses that egress names, and names are told', () => {
    const shut = convertText(
      'services: {a: {image: x, x-tscompose: {egress: ["10.0.0.0/8:5432", "deb.debian.org"]}}}',
    )
    expect(objectNamed(shut, 'NetworkPolicy', 'a-egress').spec.egress).toContainEqual({
      to: [{ ipBlock: { cidr: '10.0.0.0/8' } }],
      ports: [{ protocol: 'TCP', port: 5432 }],
    })
    expect(lossesOf(shut)).toEqual(['KUBERNETES_NETWORK 1 services.a.x-tscompose.egress'])
  })
})
