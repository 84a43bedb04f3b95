# A machine that answers Prometheus as PromEx does, with its own numbers under the names that PromEx gives: what `promEx` of the
# library says of them is not asked. It answers requests too, those to /broken with 500, and counts them.
#
#   elixir exporter.exs PREFIX PORT
defmodule Exporter do
  @bounds [10, 100, 500, 1000, 5000, 10000, 30000]
  @kinds [:atom, :binary, :code, :ets, :processes]
  @limits [atom: :atom_limit, ets: :ets_limit, port: :port_limit, process: :process_limit]

  def start(prefix, port) do
    :ets.new(:seen, [:named_table, :public])
    {:ok, socket} = :gen_tcp.listen(port, [:binary, packet: :http_bin, active: false, reuseaddr: true])
    accept(socket, prefix)
  end

  defp accept(socket, prefix) do
    {:ok, client} = :gen_tcp.accept(socket)
    pid = spawn(fn -> receive do: (:go -> serve(client, prefix)) end)
    :gen_tcp.controlling_process(client, pid)
    send(pid, :go)
    accept(socket, prefix)
  end

  defp serve(client, prefix) do
    {:ok, {:http_request, _, {:abs_path, path}, _}} = :gen_tcp.recv(client, 0)
    {status, body} = answer(path, prefix)
    :inet.setopts(client, packet: :raw)
    head = "HTTP/1.1 #{status} x\r\ncontent-type: text/plain; version=0.0.4\r\ncontent-length: #{byte_size(body)}\r\nconnection: close\r\n\r\n"
    :gen_tcp.send(client, [head, body])
    :gen_tcp.shutdown(client, :write)
    :gen_tcp.recv(client, 0, 1000)
    :gen_tcp.close(client)
  end

  defp answer("/metrics", prefix), do: {200, IO.iodata_to_binary([beam(prefix), others(prefix), requests(prefix), cluster()])}
  defp answer("/broken", _), do: counted(500, "/broken", 700)
  defp answer(path, _), do: counted(200, path, 20)

  defp counted(status, path, milliseconds) do
    :ets.update_counter(:seen, {status, path, milliseconds}, 1, {{status, path, milliseconds}, 0})
    {status, "seen"}
  end

  defp beam(prefix) do
    memory = :erlang.memory()
    count = [atom: :erlang.system_info(:atom_count), ets: length(:ets.all()), port: :erlang.system_info(:port_count), process: :erlang.system_info(:process_count)]
    {collections, words, _} = :erlang.statistics(:garbage_collection)
    {reductions, _} = :erlang.statistics(:reductions)
    [
      gauge(prefix, "beam_memory_allocated_bytes", memory[:total]),
      for(kind <- @kinds, do: gauge(prefix, "beam_memory_#{kind}_total_bytes", memory[kind])),
      gauge(prefix, "beam_memory_persistent_term_total_bytes", :persistent_term.info().memory),
      for({what, value} <- count, do: gauge(prefix, "beam_stats_#{what}_count", value)),
      for({what, limit} <- @limits, do: gauge(prefix, "beam_system_#{what}_limit_info", :erlang.system_info(limit))),
      gauge(prefix, "beam_stats_run_queue_count", :erlang.statistics(:total_run_queue_lengths), ~s(type="normal")),
      gauge(prefix, "beam_stats_gc_count", collections),
      gauge(prefix, "beam_stats_gc_reclaimed_bytes", words * 8),
      gauge(prefix, "beam_stats_reduction_count", reductions),
      gauge(prefix, "beam_stats_uptime_milliseconds_count", elem(:erlang.statistics(:wall_clock), 0)),
      gauge(prefix, "beam_system_schedulers_online_info", :erlang.system_info(:schedulers_online)),
      gauge(prefix, "application_primary_info", 1, ~s(name="kube_native",version="1.0.0",modules="1"))
    ]
  end

  # What needs a database, sockets or other nodes to be measured: one of each, so that what asks for it gets an answer.
  defp others(prefix) do
    [
      histogram(prefix, "ecto_repo_query_queue_time_milliseconds", ~s(repo="Shop.Repo"), [10, 50, 250, 1000, 5000, 10000]),
      histogram(prefix, "ecto_repo_query_execution_time_milliseconds", ~s(repo="Shop.Repo",source="books",command="select"), [10, 50, 250, 2500, 10000, 30000]),
      histogram(prefix, "ecto_repo_query_total_time_milliseconds", ~s(repo="Shop.Repo",source="books",command="select"), [10, 50, 250, 2500, 10000, 30000]),
      gauge(prefix, "ecto_repo_init_pool_size", 10, ~s(repo="Shop.Repo")),
      "# TYPE #{prefix}_oban_queue_length_count gauge\n",
      for(state <- ~w(available executing retryable scheduled discarded completed), do: ~s(#{prefix}_oban_queue_length_count{name="Oban",queue="mails",state="#{state}"} 3\n)),
      histogram(prefix, "oban_job_processing_duration_milliseconds", ~s(name="Oban",queue="mails",state="success",worker="Shop.Mail"), [10, 100, 500, 1000, 5000, 20000]),
      histogram(prefix, "oban_job_queue_time_milliseconds", ~s(name="Oban",queue="mails",state="success",worker="Shop.Mail"), [10, 100, 500, 1000, 5000, 20000]),
      histogram(prefix, "oban_job_exception_attempts", ~s(name="Oban",queue="mails",state="discard",worker="Shop.Mail"), [1, 5, 10]),
      histogram(prefix, "phoenix_live_view_mount_duration_milliseconds", ~s(action="index",module="ShopWeb.BookLive"), [10, 100, 500, 1000, 2500, 5000, 10000]),
      histogram(prefix, "phoenix_live_view_handle_event_duration_milliseconds", ~s(action="index",event="buy",module="ShopWeb.BookLive"), [10, 100, 500, 1000, 2500, 5000, 10000]),
      histogram(prefix, "phoenix_live_view_handle_event_exception_duration_milliseconds", ~s(action="index",event="buy",kind="error",module="ShopWeb.BookLive",reason="RuntimeError"), [10, 100, 500, 1000, 2500, 5000, 10000]),
      "# TYPE #{prefix}_phoenix_channel_joined_total counter\n#{prefix}_phoenix_channel_joined_total{endpoint=\"ShopWeb.Endpoint\",result=\"ok\",transport=\"websocket\"} 4\n",
      "# TYPE kube_native_cluster_nodes gauge\nkube_native_cluster_nodes #{length(Node.list())}\n"
    ]
  end

  # What the kubelet and kube-state-metrics would say of its pod.
  defp cluster do
    own = ~s(pod="kube-native-0",container="web")
    """
    kube_pod_container_resource_limits{#{own},resource="memory"} 536870912
    kube_pod_container_resource_limits{#{own},resource="cpu"} 1
    kube_pod_container_status_restarts_total{#{own}} 0
    container_memory_working_set_bytes{#{own}} 178257920
    container_cpu_usage_seconds_total{#{own}} #{System.system_time(:second) / 10}
    container_cpu_cfs_periods_total{#{own}} #{System.system_time(:second) * 10}
    container_cpu_cfs_throttled_periods_total{#{own}} #{System.system_time(:second)}
    """
  end

  defp gauge(prefix, name, value, labels \\ "") do
    series = if labels == "", do: name, else: "#{name}{#{labels}}"
    "# TYPE #{prefix}_#{name} gauge\n#{prefix}_#{series} #{value}\n"
  end

  defp histogram(prefix, name, labels, bounds) do
    [
      "# TYPE #{prefix}_#{name} histogram\n",
      for(bound <- bounds ++ ["+Inf"], do: ~s(#{prefix}_#{name}_bucket{#{labels},le="#{bound}"} 5\n)),
      "#{prefix}_#{name}_sum{#{labels}} 20\n#{prefix}_#{name}_count{#{labels}} 5\n"
    ]
  end

  defp requests(prefix) do
    seen = :ets.tab2list(:seen)
    labels = fn status, path -> ~s(action="index",controller="ShopWeb.PageController",host="localhost",method="GET",path="#{path}",status="#{status}") end
    name = "#{prefix}_phoenix_http_request_duration_milliseconds"
    [
      "# TYPE #{prefix}_phoenix_http_requests_total counter\n",
      for({{status, path, _}, count} <- seen, do: "#{prefix}_phoenix_http_requests_total{#{labels.(status, path)}} #{count}\n"),
      "# TYPE #{name} histogram\n",
      for {{status, path, took}, count} <- seen do
        [
          for(bound <- @bounds, do: ~s(#{name}_bucket{#{labels.(status, path)},le="#{bound}"} #{if took <= bound, do: count, else: 0}\n)),
          ~s(#{name}_bucket{#{labels.(status, path)},le="+Inf"} #{count}\n),
          "#{name}_sum{#{labels.(status, path)}} #{took * count}\n#{name}_count{#{labels.(status, path)}} #{count}\n"
        ]
      end
    ]
  end
end

[prefix, port] = System.argv()
Exporter.start(prefix, String.to_integer(port))
