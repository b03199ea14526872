import { describeAttribute } from './attribute.ts'

describeAttribute('ports', {
  forms: [
    [['8080:80/tcp/udp'], [{ mode: 'ingress', target: 80, published: '8080', protocol: 'tcp' }]],
    [[80], [{ mode: 'ingress', target: 80, protocol: 'tcp' }]],
    [['8080:80'], [{ mode: 'ingress', target: 80, published: '8080', protocol: 'tcp' }]],
    [
      ['127.0.0.1:8080:80/udp'],
      [{ mode: 'ingress', host_ip: '127.0.0.1', target: 80, published: '8080', protocol: 'udp' }],
    ],
    [
      ['[::1]:8080:80'],
      [{ mode: 'ingress', host_ip: '::1', target: 80, published: '8080', protocol: 'tcp' }],
    ],
    [
      ['8000-8002:90-92'],
      [
        { mode: 'ingress', target: 90, published: '8000', protocol: 'tcp' },
        { mode: 'ingress', target: 91, published: '8001', protocol: 'tcp' },
        { mode: 'ingress', target: 92, published: '8002', protocol: 'tcp' },
      ],
    ],
    [['8000-8002:90'], [{ mode: 'ingress', target: 90, published: '8000-8002', protocol: 'tcp' }]],
    [['127.0.0.1::80'], [{ mode: 'ingress', host_ip: '127.0.0.1', target: 80, protocol: 'tcp' }]],
    [
      [{ target: 80, published: 8080, mode: 'host', name: 'web', app_protocol: 'http' }],
      [{ name: 'web', mode: 'host', target: 80, published: '8080', protocol: 'tcp', app_protocol: 'http' }],
    ],
  ],
  merges: [
    [
      ['8080:80'],
      [{ target: 80, published: 8080 }],
      [
        { mode: 'ingress', target: 80, published: '8080', protocol: 'tcp' },
        { mode: 'ingress', target: 80, published: '8080', protocol: 'tcp' },
      ],
    ],
    [
      ['8080:80'],
      ['8081:80'],
      [
        { mode: 'ingress', target: 80, published: '8080', protocol: 'tcp' },
        { mode: 'ingress', target: 80, published: '8081', protocol: 'tcp' },
      ],
    ],
    [
      ['8080:80'],
      [{ target: 80, published: '8080' }],
      [{ mode: 'ingress', target: 80, published: '8080', protocol: 'tcp' }],
    ],
    [
      ['8000-8001:90-91'],
      ['8001:91'],
      [
        { mode: 'ingress', target: 90, published: '8000', protocol: 'tcp' },
        { mode: 'ingress', target: 91, published: '8001', protocol: 'tcp' },
      ],
    ],
  ],
  invalid: [
    [['::1:80:80'], 'INVALID_PORT'],
    [['[fe80::1%eth0]:80:80'], 'INVALID_PORT'],
    [['0'], 'INVALID_PORT'],
    [[0], 'INVALID_PORT'],
    [[{ published: 80 }], 'MISSING_ATTRIBUTE'],
    [[{}], 'MISSING_ATTRIBUTE'],
    [[{ target: 80, host_ip: 'localhost' }], 'INVALID_PORT'],
    [[{ target: -1 }], 'INVALID_VALUE'],
    [[{ target: 0, published: 80 }], 'INVALID_PORT'],
    ['8080:80', 'INVALID_TYPE'],
    [['80:'], 'INVALID_PORT'],
    [['http:80'], 'INVALID_PORT'],
    [['8000-8001:90-93'], 'INVALID_PORT'],
    [['80/icmp'], 'INVALID_PORT'],
    [['70000:80'], 'INVALID_PORT'],
    [[{ target: 80, publish: 1 }], 'UNKNOWN_ATTRIBUTE'],
    [[80, 80.5], 'INVALID_PORT'],
  ],
})
