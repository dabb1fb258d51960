namespace TorchSharp;

/// <summary>Kinds of device, numbered as c10::DeviceType. Upstream has more.</summary>
public enum DeviceType
{
    CPU = 0,
    CUDA = 1,
}
