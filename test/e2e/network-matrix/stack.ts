/** Published ports of the stack by the service that they lead to, with the address of the host that each is published at. */
export const PORTS = {
  front: { port: 28461, at: '' },
  six: { port: 28462, at: '' },
  inner: { port: 28463, at: '' },
  dual: { port: 28464, at: '127.0.0.1:' },
} as const

/** Services that the cells have for rows and columns; each serves its own name at port 80. */
export const SERVICES = [
  'front',
  'both',
  'dual',
  'six',
  'inner',
  'shared',
  'bridged',
  'lonely',
  'hosted',
] as const

/** What they are also called by somebody, or nobody. */
export const OTHER_NAMES = [
  'matrix-named',
  'alias-of-dual',
  'link-of-front',
  'matrix-both-1',
  'nobody',
] as const

/**
 * Every kind of place that a service can have on networks. `named` is a name of the container's own, the alias is of one
 * network alone, the link one service's.
 */
export function stackFile(): string {
  const service = (name: string, settings: string): string => `  ${name}:
    build: ./busybox
    image: matrix-busybox
    init: true
    command: [sh, -c, "mkdir -p /www; echo ${name} >/www/index.html; exec httpd -f -h /www -p ${name === 'hosted' ? '127.0.0.1:28469' : name === 'shared' ? '[::]:81' : '[::]:80'}"]
${settings}`
  return `name: matrix
services:
${service('front', `    networks: [n4]\n    links: ["both:link-of-front"]\n    ports: ["${PORTS.front.port}:80"]\n`)}
${service('both', '    networks: [n4, n6]\n')}
${service('dual', `    container_name: matrix-named\n    networks: {n46: {aliases: [alias-of-dual]}, n4: {}}\n    ports: ["${PORTS.dual.at}${PORTS.dual.port}:80"]\n`)}
${service('six', `    networks: [n6]\n    ports: ["${PORTS.six.port}:80"]\n`)}
${service('inner', `    networks: [closed]\n    ports: ["${PORTS.inner.port}:80"]\n`)}
${service('shared', '    network_mode: service:inner\n')}
${service('bridged', '    network_mode: bridge\n')}
${service('lonely', '    network_mode: none\n')}
${service('hosted', '    network_mode: host\n')}
networks:
  n4: {}
  n6: {enable_ipv4: false, enable_ipv6: true, ipam: {config: [{subnet: "fd61:12:6::/64"}]}}
  n46: {enable_ipv6: true, ipam: {config: [{subnet: "fd61:12:46::/64"}]}}
  closed: {internal: true}
`
}

/** The image of all of them, of the host's static busybox. */
export const DOCKERFILE =
  'FROM scratch\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox", "--install", "-s", "/bin"]\nRUN mkdir -p /etc /tmp\n'
