defmodule KubeNativeUmbrella do
  @moduledoc false
end
