/**
 * A Compose file with `count` services as a large project writes them: ports, volumes, networks, a health check, limits,
 * variables and a dependency on the service before.
 */
export function largeFile(count: number): string {
  const services = Array.from({ length: count }, (_value, at) => service(at))
  return `name: large\nservices:\n${services.join('')}networks:\n  front:\n  back:\n    internal: true\nvolumes:\n  data:\n`
}

function service(at: number): string {
  const dependsOn = at === 0 ? '' : `    depends_on:\n      s${at - 1}:\n        condition: service_started\n`
  return `  s${at}:
    image: "registry.example.com/team/service-${at}:\${TAG:-1.0}"
    restart: unless-stopped
    command: ["serve", "--port", "8080"]
    ports:
      - "${10_000 + at}:80"
      - "127.0.0.1:${20_000 + at}:8080/udp"
    volumes:
      - data:/var/lib/data
      - ./config/s${at}.conf:/etc/service.conf:ro
    networks:
      front:
      back:
        aliases: [service-${at}]
    environment:
      LOG_LEVEL: \${LOG_LEVEL:-info}
      DATABASE_URL: "mysql://app:\${DB_PASSWORD:-secret}@s0:3306/app"
      WORKER: "${at}"
    healthcheck:
      test: ["CMD", "curl", "-f", "http://localhost:8080/health"]
      interval: 10s
      timeout: 3s
      retries: 5
    deploy:
      resources:
        limits:
          cpus: "0.5"
          memory: 256M
    labels:
      com.example.team: platform
${dependsOn}`
}
