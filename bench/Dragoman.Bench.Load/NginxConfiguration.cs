namespace Dragoman.Bench.Load;

/// <summary>nginx as an able operator sets it up in front of a model server: nothing buffered, connections kept, no access log.</summary>
internal static class NginxConfiguration
{
    /// <returns>The path of the file written.</returns>
    public static string Write(int port, int backend, Workshop workshop)
    {
        var path = workshop.Path("nginx.conf");
        File.WriteAllText(path, $$"""
            {{(Environment.UserName == "root" ? "user root;" : "")}}
            daemon off;
            worker_processes auto;
            pid {{workshop.Path("nginx.pid")}};
            events { worker_connections 4096; }
            http {
                access_log off;
                client_body_temp_path {{workshop.Path("nginx-body")}};
                proxy_temp_path {{workshop.Path("nginx-proxy")}};
                fastcgi_temp_path {{workshop.Path("nginx-fastcgi")}};
                uwsgi_temp_path {{workshop.Path("nginx-uwsgi")}};
                scgi_temp_path {{workshop.Path("nginx-scgi")}};
                client_max_body_size 64m;
                client_body_buffer_size 16m;
                keepalive_requests 1000000;
                keepalive_timeout 600s;
                upstream backend {
                    server 127.0.0.1:{{backend}};
                    keepalive 1024;
                    keepalive_requests 1000000;
                    keepalive_timeout 600s;
                }
                server {
                    listen 127.0.0.1:{{port}} backlog=1024;
                    location / {
                        proxy_pass http://backend;
                        proxy_http_version 1.1;
                        proxy_set_header Connection "";
                        proxy_buffering off;
                        proxy_read_timeout 600s;
                    }
                }
            }
            """);
        return path;
    }
}
