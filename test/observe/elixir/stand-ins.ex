# What the Elixir of docs/observe.md uses of others, as far as it compiles against it.
defmodule Telemetry.Metrics do
  def counter(name, _options), do: {:counter, name}
  def distribution(name, _options), do: {:distribution, name}
  def last_value(name, _options), do: {:last_value, name}
end

defmodule Phoenix.Router do
  def route_info(_router, _method, _path, _host), do: :error
end

defmodule PromEx do
  @callback plugins() :: list()
  defmacro __using__(_options), do: quote(do: @behaviour(PromEx))
end

defmodule PromEx.MetricTypes.Polling do
  def build(name, rate, measured, metrics), do: {name, rate, measured, metrics}
end

defmodule PromEx.Plugin do
  @callback polling_metrics(keyword()) :: term()
  defmacro __using__(_options) do
    quote do
      @behaviour PromEx.Plugin
      alias PromEx.MetricTypes.Polling
      import Telemetry.Metrics
    end
  end
end

defmodule :telemetry do
  def execute(_event, _measurements, _metadata), do: :ok
end

# What the Elixir of docs/traces.md uses of others.
defmodule LoggerJSON.Formatters.Basic do
  def new(options), do: {__MODULE__, options}
end

defmodule OpentelemetryBandit do
  def setup, do: :ok
end

defmodule OpentelemetryPhoenix do
  def setup(adapter: _adapter), do: :ok
end

defmodule OpentelemetryEcto do
  def setup(_event_prefix), do: :ok
end

defmodule OpentelemetryOban do
  def setup, do: :ok
end

defmodule Sentry.LoggerHandler do
end
